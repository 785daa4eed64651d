#include <cstdint>
#include <cstdlib>
#include <string_view>

// A decoder with a fault that only a changed input reaches: a record whose length byte was raised.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (!input.starts_with("REC") || size < 4) return 0;
  if (data[3] > size - 4) std::abort();
  return 0;
}
