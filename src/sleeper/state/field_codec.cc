#include "sleeper/state/field_codec.h"

namespace sleeper::state {

Status NewerVersion(std::string_view what) {
  return WithHint(Error(ErrorKind::kInvalid, what, " was written by a newer version of this program"),
                  "update the program");
}

void FieldDecoder::FailAsNewer() {
  if (newer_.ok() && !in_.failed()) newer_ = NewerVersion("something that was read");
}

Result<model::TableDefinition> FieldDecoder::ReadDefinition() {
  const std::string_view schema_json = in_.Bytes();
  model::PropertyMap properties = Read(Tag<model::PropertyMap>());
  const int version = Read(Tag<int>());
  if (in_.failed()) return in_.status();
  Result<model::Schema> schema = model::ParseSchemaJson(schema_json);
  if (!schema.ok()) return WithKind(WithContext(schema.status(), "stored schema"), ErrorKind::kCorrupt);
  return model::TableDefinition{std::move(schema).ValueUnsafe(), std::move(properties), version};
}

Result<model::TableDefinition> FieldDecoder::ReadWhole(Tag<model::TableDefinition>) {
  TRY_ASSIGN(model::TableDefinition definition, ReadDefinition());
  TRY(Finish());
  return definition;
}

Result<DefineTable> FieldDecoder::ReadWhole(Tag<DefineTable>) {
  TRY_ASSIGN(model::TableDefinition definition, ReadDefinition());
  DefineTable define{std::move(definition), Read(Tag<std::vector<model::NormalisedKey>>())};
  TRY(Finish());
  return define;
}

}  // namespace sleeper::state
