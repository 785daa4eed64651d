#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/model/schema_json.h"
#include "sleeper/model/table_definition.h"

// The input is a schema file. What is read is written and read again as the same; what is refused is the request's
// fault.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::model;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Schema> schema = ParseSchemaJson(text);
  if (!schema.ok()) {
    SLEEPER_CHECK(IsKind(schema.status(), ErrorKind::kInvalid), schema.status().ToString());
    return 0;
  }
  const std::string written = WriteSchemaJson(*schema);
  const Result<Schema> again = ParseSchemaJson(written);
  SLEEPER_CHECK(again.ok() && *again == *schema, "another schema is read than was written: ", written);
  SLEEPER_CHECK(WriteSchemaJson(*again) == written, "equal schemas have other texts: ", written);
  SLEEPER_CHECK((TableDefinition{*schema, {}, 1}.ShapeHash().size() == 32), "a shape hash of another size");
  return 0;
}
