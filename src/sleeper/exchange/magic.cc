#include "sleeper/exchange/magic.h"

#include <algorithm>

namespace sleeper::exchange {
namespace {

constexpr std::string_view kParquetMagic = "PAR1";
constexpr std::string_view kArrowMagic{"ARROW1\0\0", 8};

bool IsControl(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
}

}  // namespace

// Behind the magic comes the header of the first page or, without pages, the footer. Both are structures of the compact
// protocol of Thrift whose first member is an integer, which makes the first byte a control character.
bool BeginsAsParquet(std::string_view head) {
  if (!head.starts_with(kParquetMagic)) return false;
  return std::ranges::any_of(head.substr(0, static_cast<size_t>(kMagicBytes)), IsControl);
}

bool BeginsAsArrowFile(std::string_view head) { return head.starts_with(kArrowMagic); }

}  // namespace sleeper::exchange
