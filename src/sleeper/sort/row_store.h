#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/byte_prefix.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/sort/row_layout.h"

namespace sleeper::sort {

/// A row to be sorted: where it lies, and the bytes of its key that decide most comparisons. Value.
struct RowEntry {
  /// 8 bytes of the key as a number that compares like them; bytes past the key's end count as zero.
  uint64_t prefix = 0;
  /// Ascends in the order in which the rows of a section were added.
  uint64_t address = 0;
};

/// The 8 bytes of a key after its first `depth` ones, as a number that compares like them. REQUIRES: depth is not above
/// the key's size, and 8 bytes behind the key may be read.
inline uint64_t KeyPrefix(std::string_view key, size_t depth) {
  return BytePrefix(key.data() + depth, key.size() - depth);
}

/// Rows of flat fields, each in one piece of memory: whoever takes them in another order meets one place of memory for
/// a row instead of one or two for each of its values. Confined; while nothing is added, reading is Thread-safe.
///
/// The rows lie in sections: all keys of one come before those of the next. Where sections begin is chosen from the
/// first rows; they are meant to be of the size of a core's own cache, so that sorting and reading one seldom waits for
/// memory. If later rows are spread otherwise, sections differ in size, and only speed suffers.
///
/// Within a section, rows lie one behind the other in the order in which they were added, and nothing else is known of
/// them: their entries are made when they are sorted. Entries that are collected on the way would be a second place of
/// memory for each row, in which it waits for nothing.
class RowStore {
 public:
  /// Chooses sections that suit `memory_bytes` of rows.
  /// REQUIRES: layout->is_whole(), and RowLayout::CanHold(layout->schema()).
  RowStore(std::shared_ptr<const columnar::Layout> layout, int64_t memory_bytes);

  /// Copies the rows of a batch, or keeps the batch until the first rows suffice to choose sections. kInvalid if their
  /// keys take 2 GiB or more.
  Status Add(columnar::Batch batch);

  /// Ends adding. kInvalid as above.
  Status Finish();

  int64_t rows() const { return rows_; }

  /// The memory of the rows, and of sorting two sections.
  int64_t bytes() const;

  size_t sections() const { return sections_.size(); }

  /// The entries of a section's rows in the order of Add. REQUIRES: adding has ended.
  std::vector<RowEntry> Entries(size_t section) const;

  /// The number of leading bytes that the keys of a section share and that their entries' prefixes leave out.
  size_t depth(size_t section) const { return sections_[section].depth; }

  /// Lets go of a section's rows.
  void Drop(size_t section);

  const RowLayout& row_layout() const { return row_layout_; }

  /// The bytes of a row, of which 32 more may be read.
  const uint8_t* row(uint64_t address) const { return blocks_[address >> 32].get() + static_cast<uint32_t>(address); }

  std::string_view key(const uint8_t* row) const {
    auto size = static_cast<uint32_t>(row_layout_.key_width());
    if (row_layout_.key_size_at() != RowLayout::kNone) {
      std::memcpy(&size, row + row_layout_.key_size_at(), sizeof size);
    }
    return {reinterpret_cast<const char*>(row) + row_layout_.key_begin(), size};
  }

  /// The part of it that the row keys make.
  std::string_view row_key(const uint8_t* row) const;

  /// Whether no value of this key field has a zero byte, which stands for itself in the key then.
  bool is_plain(size_t column) const { return !has_zeros_[column]; }

 private:
  struct Block {
    uint32_t number = 0;
    /// What it takes of memory.
    size_t size = 0;
    /// The bytes of its rows; of the section's last block only once adding has ended.
    size_t used = 0;
  };
  struct Section {
    size_t depth = 0;
    std::vector<Block> blocks;
  };
  /// Where a section's next row goes. Those of all sections stay in the first-level cache while rows are spread.
  struct Cursor {
    uint8_t* next = nullptr;
    uint8_t* end = nullptr;
    int64_t rows = 0;
  };

  /// Adds the rows that were kept, and ends keeping rows.
  Status AddFirst();
  void ChooseSections(const std::vector<columnar::KeyColumn>& keys);
  /// `keys` are those of the batch.
  void AddRows(const columnar::Batch& batch, const columnar::KeyColumn& keys);
  /// `prefixes` are those of the first rows, in order.
  void IndexBounds(std::span<const uint64_t> prefixes);
  size_t PartOf(uint64_t prefix) const;
  size_t SectionOf(std::string_view key, uint64_t prefix) const;
  /// Room for a row of so many bytes.
  uint8_t* Place(size_t section, size_t bytes);
  void StartBlock(size_t section, size_t bytes);
  /// Notes how far a section's last block is filled.
  void EndBlock(size_t section);
  void NoteZeros(const columnar::Batch& batch);

  std::shared_ptr<const columnar::Layout> layout_;
  RowLayout row_layout_;
  size_t sections_max_;
  size_t block_bytes_;

  /// Kept until there are enough rows to choose sections.
  std::vector<columnar::Batch> first_;
  int64_t first_bytes_ = 0;

  /// What the first rows' keys begin with. Keys that come before all that begin so are in the first section, those that
  /// come after them in the last one.
  std::string common_;
  /// The least prefix of each of the sections between but the first, filled up so that every search stays inside.
  std::vector<uint64_t> bounds_;
  /// How many bounds lie below each of so many equal parts of the first rows' prefixes, and the first step of a search
  /// among those within: most often one or two steps instead of nine.
  static constexpr int kPartBits = 12;
  static constexpr size_t kParts = size_t{1} << kPartBits;
  std::vector<uint16_t> bounds_below_part_;
  uint64_t parts_begin_ = 0;
  int part_shift_ = 0;
  size_t first_step_ = 0;
  std::vector<Section> sections_;
  std::vector<Cursor> cursors_;

  std::vector<std::unique_ptr<uint8_t[]>> blocks_;
  std::vector<bool> has_zeros_;
  int64_t rows_ = 0;
  int64_t block_bytes_total_ = 0;
  /// Of the largest section; without the rows of each section's last block.
  int64_t section_rows_max_ = 0;

  columnar::KeyColumn keys_;
};

}  // namespace sleeper::sort
