#include "tests/damage/damaged_inputs.h"

#include <cstdint>
#include <span>

#include "sleeper/base/buffer.h"
#include "sleeper/file/crc32.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/page_header.h"
#include "sleeper/file/thrift_compact.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::damage {
namespace {

using model::ValueOf;

std::span<const uint8_t> SpanOf(const std::string& bytes, const PlacedPage& page) {
  return std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size())
      .subspan(static_cast<size_t>(page.offset), static_cast<size_t>(page.bytes));
}

}  // namespace

std::vector<PlacedPage> PagesOf(const std::string& file, const model::FileRecord& record, const model::Schema& schema) {
  const Buffer tail = Buffer::FromString(file.substr(file.size() - static_cast<size_t>(record.tail_bytes)));
  const file::FileIndex index = ValueOf(file::ReadFileIndex(tail, record.size_bytes, schema));
  std::vector<PlacedPage> pages;
  for (const file::RowGroupIndex& row_group : index.row_groups) {
    for (size_t leaf = 0; leaf < row_group.leaves.size(); ++leaf) {
      for (const file::PageLocation& page : row_group.leaves[leaf].pages) {
        pages.push_back({leaf, page.offset, page.bytes});
      }
    }
  }
  return pages;
}

std::string WithChangedBit(const std::string& file, const std::vector<PlacedPage>& pages, Random& random) {
  const PlacedPage& page = pages[random.Below(pages.size())];
  file::ParsedPageHeader parsed = ValueOf(file::ParsePageHeader(SpanOf(file, page)));
  std::string body =
      file.substr(static_cast<size_t>(page.offset + parsed.bytes), static_cast<size_t>(parsed.header.compressed_bytes));
  const size_t at = random.Below(body.size());
  body[at] = static_cast<char>(body[at] ^ (1 << random.Below(8)));
  parsed.header.crc = file::Crc32(0, {reinterpret_cast<const uint8_t*>(body.data()), body.size()});
  file::ThriftWriter header;
  file::WritePageHeader(parsed.header, header);
  // The checksum is a number of variable length.
  if (static_cast<int64_t>(header.bytes().size()) != parsed.bytes) return file;
  std::string changed = file;
  changed.replace(static_cast<size_t>(page.offset), static_cast<size_t>(page.bytes), header.bytes() + body);
  return changed;
}

std::string WithForeignPage(const std::string& file, const std::vector<PlacedPage>& pages, const std::string& other,
                            const std::vector<PlacedPage>& other_pages, Random& random) {
  const PlacedPage& page = pages[random.Below(pages.size())];
  const size_t first = random.Below(other_pages.size());
  for (size_t i = 0; i < other_pages.size(); ++i) {
    const PlacedPage& foreign = other_pages[(first + i) % other_pages.size()];
    if (foreign.bytes != page.bytes) continue;
    std::string changed = file;
    changed.replace(static_cast<size_t>(page.offset), static_cast<size_t>(page.bytes), other,
                    static_cast<size_t>(foreign.offset), static_cast<size_t>(foreign.bytes));
    if (changed != file) return changed;
  }
  return file;
}

}  // namespace sleeper::damage
