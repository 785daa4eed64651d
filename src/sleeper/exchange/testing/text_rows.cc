#include "sleeper/exchange/testing/text_rows.h"

#include <sstream>
#include <utility>

#include "sleeper/base/check.h"

namespace sleeper::exchange {
namespace {

using model::TypeKind;

TypeKind PrimitiveOf(const std::string& name) {
  for (int kind = 0; kind <= static_cast<int>(TypeKind::kDouble); ++kind) {
    if (TypeKindName(static_cast<TypeKind>(kind)) == name) return static_cast<TypeKind>(kind);
  }
  SLEEPER_CHECK(false, "unknown type: ", name);
  return TypeKind::kInt;
}

model::Type TypeOf(const std::string& first, std::istream& rest) {
  if (first.starts_with("List(")) return model::Type::List(PrimitiveOf(first.substr(5, first.size() - 6)));
  if (first.starts_with("Map(")) {
    std::string value;
    rest >> value;
    return model::Type::Map(PrimitiveOf(first.substr(4)), PrimitiveOf(value.substr(0, value.size() - 1)));
  }
  return PrimitiveOf(first);
}

}  // namespace

std::shared_ptr<const columnar::Layout> LayoutOf(std::string_view fields) {
  model::SchemaFields lists;
  std::istringstream parts{std::string(fields)};
  for (std::string part; std::getline(parts, part, ',');) {
    std::istringstream words(part);
    std::string name;
    std::string type;
    std::string mark;
    words >> name >> type;
    model::Field field{.name = name, .type = TypeOf(type, words)};
    words >> mark;
    field.nullable = mark == "nullable";
    (mark == "key" ? lists.row_keys : lists.values).push_back(std::move(field));
  }
  auto schema = model::Schema::Make(std::move(lists));
  SLEEPER_CHECK(schema.ok(), schema.status().ToString());
  return columnar::Layout::Of(*schema);
}

std::shared_ptr<const columnar::Layout> LayoutOfOne(std::string_view field) {
  const std::vector<std::string> name = {std::string(field.substr(0, field.find(' ')))};
  const auto layout = LayoutOf("key_of_it IntType key, " + std::string(field))->Select(name);
  SLEEPER_CHECK(layout.ok(), layout.status().ToString());
  return *layout;
}

Result<std::vector<columnar::Batch>> ReadBatches(std::string bytes, const InputOptions& options,
                                                 const std::shared_ptr<const columnar::Layout>& layout) {
  const CallContext call;
  TRY_ASSIGN(auto reader,
             OpenInput(MakeBufferSource(Buffer::FromString(std::move(bytes)), "input"), options, layout, call));
  return rows::Collect(*reader);
}

Result<std::string> ReadRows(std::string bytes, const InputOptions& options,
                             const std::shared_ptr<const columnar::Layout>& layout) {
  TRY_ASSIGN(const std::vector<columnar::Batch> batches, ReadBatches(std::move(bytes), options, layout));
  return ToJsonLines(batches, layout);
}

Result<std::string> WriteBatches(const std::vector<columnar::Batch>& batches, const OutputOptions& options,
                                 const std::shared_ptr<const columnar::Layout>& layout) {
  const CallContext call;
  std::string bytes;
  TRY_ASSIGN(auto writer, OpenOutput(MakeStringSink(bytes, "output"), options, layout, call));
  for (const columnar::Batch& batch : batches) TRY(writer->Write(batch));
  TRY(writer->Finish());
  return bytes;
}

std::string ToJsonLines(const std::vector<columnar::Batch>& batches,
                        const std::shared_ptr<const columnar::Layout>& layout) {
  auto text = WriteBatches(batches, {.format = OutputFormat::kJsonLines}, layout);
  SLEEPER_CHECK(text.ok(), text.status().ToString());
  return *text;
}

}  // namespace sleeper::exchange
