#include "sleeper/report/log_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sleeper/report/describe_json.h"

namespace sleeper::report {
namespace {

using nlohmann::ordered_json;

/// In an object of its own, because it is large.
ordered_json BodyJson(const std::variant<std::string, state::BodyReference>& transaction) {
  const auto* body = std::get_if<state::BodyReference>(&transaction);
  if (body == nullptr) return nullptr;
  return {{"name", body->name.value()}, {"size", body->size}, {"checksum", fmt::format("{:016x}", body->checksum)}};
}

}  // namespace

ordered_json EntryLineJson(const state::LogEntry& entry, std::span<const state::Transaction> transactions) {
  ordered_json names = ordered_json::array();
  for (const state::Transaction& transaction : transactions) names.push_back(state::TransactionName(transaction));
  return {{"number", entry.number},
          {"written", FormatWallTime(entry.written)},
          {"writer", entry.writer},
          {"transactions", std::move(names)}};
}

ordered_json EntryJson(const state::LogEntry& entry, std::span<const state::Transaction> transactions,
                       const model::Schema& schema) {
  ordered_json list = ordered_json::array();
  for (size_t i = 0; i < transactions.size(); ++i) {
    ordered_json fields = ordered_json::object();
    std::visit([&](const auto& transaction) { fields = JsonVisitor(schema, fields).Show(transaction); },
               transactions[i]);
    ordered_json item = {{"transaction", state::TransactionName(transactions[i])}};
    const ordered_json body = BodyJson(entry.transactions[i]);
    if (!body.is_null()) item["body"] = body;
    item.update(fields);
    list.push_back(std::move(item));
  }
  ordered_json mark = nullptr;
  if (entry.mark) mark = {{"number", entry.mark->number}, {"time", FormatWallTime(entry.mark->time)}};
  return {{"number", entry.number},
          {"id", entry.id.value()},
          {"previous", entry.previous.empty() ? ordered_json(nullptr) : ordered_json(entry.previous.value())},
          {"writer", entry.writer},
          {"written", FormatWallTime(entry.written)},
          {"mark", mark},
          {"endsLog", entry.ends_log},
          {"digest", fmt::format("{:016x}{:016x}", entry.digest.high, entry.digest.low)},
          {"transactions", list}};
}

}  // namespace sleeper::report
