#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/exchange/batch_builder.h"
#include "sleeper/exchange/json_events.h"

namespace sleeper::exchange {

/// Hears one JSON object and gives its members to the columns of a batch. Of a failure the caller learns the column
/// too. Confined.
class JsonRow final : public JsonEvents {
 public:
  explicit JsonRow(BatchBuilder& builder)
      : builder_(builder), seen_(static_cast<size_t>(builder.layout().columns()), false) {}

  /// Reads one row. kInvalid says why; column() then tells where. The builder is of no use after a failure.
  Status Read(std::string_view text);

  /// The field that the last failure belongs to; empty if it belongs to the row.
  std::string_view column() const;

  /// The members that no column has; at most IgnoredColumns::kNamesMax of them are told apart.
  const IgnoredColumns& ignored() const { return ignored_; }

  Status Null() override;
  Status Boolean(bool value) override;
  Status Integer(int64_t value) override;
  Status Unsigned(uint64_t value) override;
  Status Number(std::string_view text) override;
  Status Text(std::string_view text) override;
  Status BeginList() override;
  Status EndList() override;
  Status BeginObject() override;
  Status Key(std::string_view key) override;
  Status EndObject() override;

 private:
  static constexpr int kIgnored = -1;

  /// Passes an event to the column that the current member belongs to, if any.
  template <typename Event>
  Status Forward(Event event);
  Status CheckInRow() const;
  Status EndRow();

  BatchBuilder& builder_;
  std::vector<bool> seen_;
  std::set<std::string, std::less<>> ignored_names_;
  IgnoredColumns ignored_;
  /// Lists and objects that are open; 1 inside the row itself.
  int depth_ = 0;
  int column_ = kIgnored;
};

}  // namespace sleeper::exchange
