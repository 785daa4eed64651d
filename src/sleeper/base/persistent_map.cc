#include "sleeper/base/persistent_map.h"

#define XXH_INLINE_ALL
#include <algorithm>
#include <cstring>
#include <limits>
#include <xxhash.h>

#include "sleeper/base/check.h"

// A block, all integers little endian:
//
//   u32 count
//   count times: u32 offset of the head, u32 offset of the body, both from the start of the block
//   heads (varint size, bytes) and bodies (suffix, varint size, value), anywhere behind
//
// Entries with equal heads in a row share one.

namespace sleeper {

namespace {

/// Small enough that a change copies little, large enough that millions of entries need few nodes.
constexpr size_t kBlockBytesTarget = 8 << 10;
/// Blocks are filled up to this before they are cut into several of about the target.
constexpr size_t kBlockBytesMax = kBlockBytesTarget * 3 / 2;
constexpr size_t kBlockBytesMin = kBlockBytesTarget / 4;
constexpr size_t kChildrenMax = 64;
constexpr size_t kChildrenMin = kChildrenMax / 4;
constexpr size_t kBlockHeaderBytes = 4;
constexpr size_t kSlotBytes = 8;
constexpr int kSuffixBytesMax = 32;

int Compare(MapKey a, MapKey b) {
  const int heads = a.head.compare(b.head);
  return heads != 0 ? heads : a.suffix.compare(b.suffix);
}

uint32_t LoadU32(const uint8_t* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

void AppendU32(std::string& out, size_t value) {
  const auto narrow = static_cast<uint32_t>(value);
  char bytes[4];
  std::memcpy(bytes, &narrow, 4);
  out.append(bytes, 4);
}

size_t VarintSize(size_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void AppendVarint(std::string& out, size_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

/// The bytes behind a size, and where they end.
struct Sized {
  std::string_view bytes;
  const uint8_t* end;
};

/// REQUIRES: what MapLoader has checked, or AppendVarint has written.
Sized LoadSized(const uint8_t* at) {
  uint32_t size = 0;
  int shift = 0;
  for (; (*at & 0x80) != 0; ++at, shift += 7) size |= static_cast<uint32_t>(*at & 0x7f) << shift;
  size |= static_cast<uint32_t>(*at++) << shift;
  return {{reinterpret_cast<const char*>(at), size}, at + size};
}

/// The same for bytes of unknown origin: nothing if it does not end by `limit`, or the size is not in its shortest
/// form.
std::optional<Sized> LoadSizedChecked(const uint8_t* at, const uint8_t* limit) {
  uint32_t size = 0;
  for (int shift = 0;; shift += 7) {
    if (at == limit || shift > 28) return std::nullopt;
    const uint8_t byte = *at++;
    if (shift == 28 && byte > 0x07) return std::nullopt;
    size |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && shift > 0) return std::nullopt;
    break;
  }
  if (size > static_cast<size_t>(limit - at)) return std::nullopt;
  return Sized{{reinterpret_cast<const char*>(at), size}, at + size};
}

struct Entry {
  MapKey key;
  std::string_view value;
};

uint64_t HashHead(std::string_view head) { return XXH3_64bits(head.data(), head.size()); }

/// `body` is the suffix, the varint size of the value, and the value.
MapDigest HashBody(uint64_t head_hash, std::string_view body) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(body.data(), body.size(), head_hash);
  return {hash.low64, hash.high64};
}

}  // namespace

namespace internal {

struct MapNode {
  struct Child {
    /// The first key below the child, in the memory of its block.
    MapKey first;
    std::shared_ptr<const MapNode> node;
  };

  bool is_leaf() const { return children.empty(); }

  /// Of a leaf.
  Buffer block;
  /// Of an inner node: at least one.
  std::vector<Child> children;
  int64_t entries = 0;
  int64_t bytes = 0;
  MapDigest digest;
};

}  // namespace internal

namespace {

using internal::MapNode;
using NodePtr = std::shared_ptr<const MapNode>;

Entry EntryAt(const MapNode& leaf, size_t slot, int suffix_bytes) {
  const uint8_t* block = leaf.block.data();
  const uint8_t* offsets = block + kBlockHeaderBytes + slot * kSlotBytes;
  const Sized head = LoadSized(block + LoadU32(offsets));
  const uint8_t* body = block + LoadU32(offsets + 4);
  const Sized value = LoadSized(body + suffix_bytes);
  return {{head.bytes, {reinterpret_cast<const char*>(body), static_cast<size_t>(suffix_bytes)}}, value.bytes};
}

MapKey FirstKey(const MapNode& node, int suffix_bytes) {
  return node.is_leaf() ? EntryAt(node, 0, suffix_bytes).key : node.children.front().first;
}

/// The first slot whose key is not before `key`.
size_t LowerSlot(const MapNode& leaf, MapKey key, int suffix_bytes) {
  size_t low = 0;
  size_t high = static_cast<size_t>(leaf.entries);
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (Compare(EntryAt(leaf, middle, suffix_bytes).key, key) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/// The last child whose first key is not after `key`, or the first one.
size_t ChildFor(const MapNode& node, MapKey key) {
  const auto after =
      std::upper_bound(node.children.begin(), node.children.end(), key,
                       [](MapKey a, const MapNode::Child& child) { return Compare(a, child.first) < 0; });
  return after == node.children.begin() ? 0 : static_cast<size_t>(after - node.children.begin()) - 1;
}

/// Collects ascending entries and cuts them into blocks.
class BlockWriter {
 public:
  explicit BlockWriter(int suffix_bytes) : suffix_bytes_(suffix_bytes) {}

  /// What the entries point at must live until Finish.
  void Add(Entry entry) {
    const bool shares_head = !entries_.empty() && entries_.back().key.head == entry.key.head;
    const size_t size = EntryBytes(entry, !shares_head);
    sizes_.push_back(size);
    bytes_ += size;
    entries_.push_back(entry);
  }

  size_t bytes() const { return bytes_; }

  std::vector<NodePtr> Finish() const {
    std::vector<NodePtr> leaves;
    if (entries_.empty()) return leaves;
    const size_t pieces = bytes_ <= kBlockBytesMax ? 1 : (bytes_ + kBlockBytesTarget - 1) / kBlockBytesTarget;
    const size_t piece_bytes = (bytes_ + pieces - 1) / pieces;
    size_t first = 0;
    while (first < entries_.size()) {
      size_t last = first;
      size_t size = 0;
      while (last < entries_.size() && (last == first || size + sizes_[last] <= piece_bytes)) size += sizes_[last++];
      leaves.push_back(WriteBlock(first, last));
      first = last;
    }
    return leaves;
  }

 private:
  size_t EntryBytes(const Entry& entry, bool with_head) const {
    const size_t head = with_head ? VarintSize(entry.key.head.size()) + entry.key.head.size() : 0;
    return kSlotBytes + head + static_cast<size_t>(suffix_bytes_) + VarintSize(entry.value.size()) + entry.value.size();
  }

  NodePtr WriteBlock(size_t first, size_t last) const {
    std::string slots;
    std::string heap;
    const size_t count = last - first;
    const size_t heap_start = kBlockHeaderBytes + count * kSlotBytes;
    MapDigest digest;
    size_t head_offset = 0;
    uint64_t head_hash = 0;
    AppendU32(slots, count);
    for (size_t i = first; i < last; ++i) {
      const Entry& entry = entries_[i];
      if (i == first || entries_[i - 1].key.head != entry.key.head) {
        head_offset = heap_start + heap.size();
        head_hash = HashHead(entry.key.head);
        AppendVarint(heap, entry.key.head.size());
        heap.append(entry.key.head);
      }
      AppendU32(slots, head_offset);
      AppendU32(slots, heap_start + heap.size());
      const size_t body = heap.size();
      heap.append(entry.key.suffix);
      AppendVarint(heap, entry.value.size());
      heap.append(entry.value);
      digest += HashBody(head_hash, std::string_view(heap).substr(body));
    }
    SLEEPER_CHECK(heap_start + heap.size() < std::numeric_limits<uint32_t>::max(), "a block is too large");
    slots.reserve(heap_start + heap.size());
    slots.append(heap);
    auto node = std::make_shared<MapNode>();
    node->bytes = static_cast<int64_t>(slots.size());
    node->block = Buffer::FromString(std::move(slots));
    node->entries = static_cast<int64_t>(count);
    node->digest = digest;
    return node;
  }

  const int suffix_bytes_;
  std::vector<Entry> entries_;
  std::vector<size_t> sizes_;
  size_t bytes_ = 0;
};

NodePtr MakeInner(std::vector<MapNode::Child> children) {
  auto node = std::make_shared<MapNode>();
  for (const MapNode::Child& child : children) {
    node->entries += child.node->entries;
    node->bytes += child.node->bytes;
    node->digest += child.node->digest;
  }
  node->children = std::move(children);
  return node;
}

/// Cuts a list of children into inner nodes of about equal length.
std::vector<NodePtr> MakeInnerLevel(std::vector<MapNode::Child> children) {
  std::vector<NodePtr> level;
  const size_t pieces = (children.size() + kChildrenMax - 1) / kChildrenMax;
  size_t first = 0;
  for (size_t piece = 0; piece < pieces; ++piece) {
    const size_t last = children.size() * (piece + 1) / pieces;
    level.push_back(MakeInner({std::make_move_iterator(children.begin() + static_cast<ptrdiff_t>(first)),
                               std::make_move_iterator(children.begin() + static_cast<ptrdiff_t>(last))}));
    first = last;
  }
  return level;
}

std::vector<MapNode::Child> ChildrenOf(std::vector<NodePtr> nodes, int suffix_bytes) {
  std::vector<MapNode::Child> children;
  children.reserve(nodes.size());
  for (NodePtr& node : nodes) {
    const MapKey first = FirstKey(*node, suffix_bytes);
    children.push_back({first, std::move(node)});
  }
  return children;
}

/// Stacks levels on `nodes`, which have the same height, until one is left. Null if there are none.
NodePtr MakeRoot(std::vector<NodePtr> nodes, int suffix_bytes) {
  if (nodes.empty()) return nullptr;
  while (nodes.size() > 1) nodes = MakeInnerLevel(ChildrenOf(std::move(nodes), suffix_bytes));
  NodePtr root = std::move(nodes.front());
  while (!root->is_leaf() && root->children.size() == 1) root = root->children.front().node;
  return root;
}

bool IsSmall(const MapNode& node) {
  return node.is_leaf() ? static_cast<size_t>(node.bytes) < kBlockBytesMin : node.children.size() < kChildrenMin;
}

/// True if one node can take the contents of both.
bool FitTogether(const MapNode& a, const MapNode& b) {
  return a.is_leaf() ? static_cast<size_t>(a.bytes + b.bytes) <= kBlockBytesTarget
                     : a.children.size() + b.children.size() <= kChildrenMax;
}

NodePtr Join(const MapNode& a, const MapNode& b, int suffix_bytes) {
  if (!a.is_leaf()) {
    std::vector<MapNode::Child> children = a.children;
    children.insert(children.end(), b.children.begin(), b.children.end());
    return MakeInner(std::move(children));
  }
  BlockWriter writer(suffix_bytes);
  for (const MapNode* leaf : {&a, &b}) {
    for (size_t slot = 0; slot < static_cast<size_t>(leaf->entries); ++slot) {
      writer.Add(EntryAt(*leaf, slot, suffix_bytes));
    }
  }
  return writer.Finish().front();
}

/// Makes a range of sorted changes to a tree.
template <typename Changes>
class TreeEditor {
 public:
  using Change = typename Changes::const_iterator;

  TreeEditor(int suffix_bytes, int64_t& bytes_written) : suffix_bytes_(suffix_bytes), bytes_written_(bytes_written) {}

  /// The nodes, of the same height, that take the place of `node`.
  std::vector<NodePtr> Edit(const NodePtr& node, Change first, Change last) {
    if (first == last) return node == nullptr ? std::vector<NodePtr>{} : std::vector<NodePtr>{node};
    std::vector<NodePtr> result =
        node == nullptr || node->is_leaf() ? EditLeaf(node.get(), first, last) : EditInner(*node, first, last);
    for (const NodePtr& made : result) {
      bytes_written_ += static_cast<int64_t>(sizeof(MapNode) + made->children.size() * sizeof(MapNode::Child));
      if (made->is_leaf()) bytes_written_ += made->bytes;
    }
    return result;
  }

 private:
  static MapKey KeyOf(Change change) { return {change->first.first, change->first.second}; }

  std::vector<NodePtr> EditLeaf(const MapNode* leaf, Change first, Change last) {
    BlockWriter writer(suffix_bytes_);
    const size_t slots = leaf == nullptr ? 0 : static_cast<size_t>(leaf->entries);
    size_t slot = 0;
    while (slot < slots || first != last) {
      int order = slot == slots ? 1 : -1;
      Entry entry;
      if (slot < slots) {
        entry = EntryAt(*leaf, slot, suffix_bytes_);
        if (first != last) order = Compare(entry.key, KeyOf(first));
      }
      if (order < 0) {
        writer.Add(entry);
        ++slot;
        continue;
      }
      if (first->second.has_value()) writer.Add({KeyOf(first), *first->second});
      if (order == 0) ++slot;
      ++first;
    }
    return writer.Finish();
  }

  std::vector<NodePtr> EditInner(const MapNode& node, Change first, Change last) {
    std::vector<NodePtr> nodes;
    nodes.reserve(node.children.size() + 1);
    for (size_t i = 0; i < node.children.size(); ++i) {
      Change end = last;
      if (i + 1 < node.children.size()) {
        end = first;
        while (end != last && Compare(KeyOf(end), node.children[i + 1].first) < 0) ++end;
      }
      if (first == end) {
        Append(nodes, node.children[i].node);
        continue;
      }
      for (NodePtr& made : Edit(node.children[i].node, first, end)) Append(nodes, std::move(made));
      first = end;
    }
    if (nodes.empty()) return {};
    return MakeInnerLevel(ChildrenOf(std::move(nodes), suffix_bytes_));
  }

  /// Adds a node, joined to the one before it if either has become small.
  void Append(std::vector<NodePtr>& nodes, NodePtr node) {
    if (!nodes.empty() && (IsSmall(*node) || IsSmall(*nodes.back())) && FitTogether(*nodes.back(), *node)) {
      nodes.back() = Join(*nodes.back(), *node, suffix_bytes_);
      bytes_written_ += nodes.back()->is_leaf() ? nodes.back()->bytes : 0;
    } else {
      nodes.push_back(std::move(node));
    }
  }

  const int suffix_bytes_;
  int64_t& bytes_written_;
};

}  // namespace

int64_t PersistentMap::size() const { return root_ == nullptr ? 0 : root_->entries; }
int64_t PersistentMap::bytes() const { return root_ == nullptr ? 0 : root_->bytes; }
MapDigest PersistentMap::digest() const { return root_ == nullptr ? MapDigest{} : root_->digest; }

std::optional<std::string_view> PersistentMap::Find(MapKey key) const {
  if (root_ == nullptr) return std::nullopt;
  const MapNode* node = root_.get();
  while (!node->is_leaf()) node = node->children[ChildFor(*node, key)].node.get();
  const size_t slot = LowerSlot(*node, key, suffix_bytes_);
  if (slot == static_cast<size_t>(node->entries)) return std::nullopt;
  const Entry entry = EntryAt(*node, slot, suffix_bytes_);
  if (Compare(entry.key, key) != 0) return std::nullopt;
  return entry.value;
}

int64_t PersistentMap::Rank(MapKey key) const {
  if (root_ == nullptr) return 0;
  int64_t before = 0;
  const MapNode* node = root_.get();
  while (!node->is_leaf()) {
    const size_t child = ChildFor(*node, key);
    for (size_t i = 0; i < child; ++i) before += node->children[i].node->entries;
    node = node->children[child].node.get();
  }
  return before + static_cast<int64_t>(LowerSlot(*node, key, suffix_bytes_));
}

void PersistentMap::Cursor::Load() {
  const Entry entry = EntryAt(*leaf_, slot_, suffix_bytes_);
  key_ = entry.key;
  value_ = entry.value;
}

void PersistentMap::Cursor::DescendFirst(const MapNode* node) {
  while (!node->is_leaf()) {
    path_.push_back({node, 0});
    node = node->children.front().node.get();
  }
  leaf_ = node;
  slot_ = 0;
}

void PersistentMap::Cursor::Next() {
  if (++slot_ == static_cast<size_t>(leaf_->entries)) {
    leaf_ = nullptr;
    while (!path_.empty() && path_.back().child + 1 == path_.back().node->children.size()) path_.pop_back();
    if (path_.empty()) return;
    Step& step = path_.back();
    const MapNode* next = step.node->children[++step.child].node.get();
    DescendFirst(next);
  }
  Load();
}

PersistentMap::Cursor PersistentMap::LowerBound(MapKey key) const {
  Cursor cursor;
  cursor.suffix_bytes_ = suffix_bytes_;
  if (root_ == nullptr) return cursor;
  const MapNode* node = root_.get();
  while (!node->is_leaf()) {
    const size_t child = ChildFor(*node, key);
    cursor.path_.push_back({node, child});
    node = node->children[child].node.get();
  }
  cursor.leaf_ = node;
  cursor.slot_ = LowerSlot(*node, key, suffix_bytes_);
  if (cursor.slot_ == static_cast<size_t>(node->entries)) {
    --cursor.slot_;
    cursor.Next();
  } else {
    cursor.Load();
  }
  return cursor;
}

PersistentMap::Cursor PersistentMap::Floor(MapKey key) const {
  Cursor cursor;
  cursor.suffix_bytes_ = suffix_bytes_;
  if (root_ == nullptr || Compare(FirstKey(*root_, suffix_bytes_), key) > 0) return cursor;
  const MapNode* node = root_.get();
  while (!node->is_leaf()) {
    const size_t child = ChildFor(*node, key);
    cursor.path_.push_back({node, child});
    node = node->children[child].node.get();
  }
  cursor.leaf_ = node;
  cursor.slot_ = LowerSlot(*node, key, suffix_bytes_);
  const bool exact = cursor.slot_ < static_cast<size_t>(node->entries) &&
                     Compare(EntryAt(*node, cursor.slot_, suffix_bytes_).key, key) == 0;
  // The first key of the leaf is not after `key`, so there is an entry before the slot.
  if (!exact) --cursor.slot_;
  cursor.Load();
  return cursor;
}

std::vector<PersistentMap::Block> PersistentMap::blocks() const {
  std::vector<Block> result;
  for (Cursor at = Begin(); at.valid();) {
    const MapNode* leaf = at.leaf_;
    const Entry last = EntryAt(*leaf, static_cast<size_t>(leaf->entries) - 1, suffix_bytes_);
    result.push_back({leaf->block, at.key(), last.key, leaf->entries});
    at.slot_ = static_cast<size_t>(leaf->entries) - 1;
    at.Next();
  }
  return result;
}

void MapEdit::Put(MapKey key, std::string_view value) {
  SLEEPER_CHECK(key.suffix.size() == static_cast<size_t>(base_.suffix_bytes()), "suffix of ", key.suffix.size(),
                " bytes");
  changes_.insert_or_assign(Key(key.head, key.suffix), std::string(value));
}

void MapEdit::Erase(MapKey key) { changes_.insert_or_assign(Key(key.head, key.suffix), std::nullopt); }

std::optional<std::string_view> MapEdit::Find(MapKey key) const {
  const auto change = changes_.find(key);
  if (change == changes_.end()) return base_.Find(key);
  if (!change->second.has_value()) return std::nullopt;
  return *change->second;
}

std::vector<MapEdit::Entry> MapEdit::Scan(MapKey first, std::optional<MapKey> last) const {
  std::vector<Entry> entries;
  auto change = changes_.lower_bound(first);
  const auto changes_end = last ? changes_.lower_bound(*last) : changes_.end();
  PersistentMap::Cursor at = base_.LowerBound(first);
  for (;;) {
    const bool has_base = at.valid() && (!last || Compare(at.key(), *last) < 0);
    const bool has_change = change != changes_end;
    if (!has_base && !has_change) return entries;
    int order = has_base ? -1 : 1;
    if (has_base && has_change) order = Compare(at.key(), {change->first.first, change->first.second});
    if (order < 0) {
      entries.push_back({std::string(at.key().head), std::string(at.key().suffix), std::string(at.value())});
      at.Next();
      continue;
    }
    if (change->second) entries.push_back({change->first.first, change->first.second, *change->second});
    if (order == 0) at.Next();
    ++change;
  }
}

PersistentMap MapEdit::Finish() {
  if (changes_.empty()) return base_;
  const int suffix_bytes = base_.suffix_bytes();
  TreeEditor<decltype(changes_)> editor(suffix_bytes, bytes_written_);
  base_.root_ = MakeRoot(editor.Edit(base_.root_, changes_.begin(), changes_.end()), suffix_bytes);
  changes_.clear();
  return base_;
}

Result<MapLoader::Part> MapLoader::Part::Make(Buffer bytes, int suffix_bytes) {
  SLEEPER_CHECK(suffix_bytes >= 0 && suffix_bytes <= kSuffixBytesMax, "suffix of ", suffix_bytes, " bytes");
  const auto broken = [](std::string_view what) { return Error(ErrorKind::kCorrupt, "map block: ", what); };
  const auto size = static_cast<size_t>(bytes.size());
  if (size < kBlockHeaderBytes || size > std::numeric_limits<uint32_t>::max()) return broken("bad size");
  const uint8_t* block = bytes.data();
  const uint8_t* limit = block + size;
  const size_t count = LoadU32(block);
  if (count == 0 || count > (size - kBlockHeaderBytes) / kSlotBytes) return broken("bad number of entries");
  MapDigest digest;
  MapKey previous;
  uint32_t previous_head_offset = 0;
  uint64_t head_hash = 0;
  for (size_t slot = 0; slot < count; ++slot) {
    const uint8_t* offsets = block + kBlockHeaderBytes + slot * kSlotBytes;
    const uint32_t head_offset = LoadU32(offsets);
    const uint32_t body_offset = LoadU32(offsets + 4);
    MapKey key;
    if (slot > 0 && head_offset == previous_head_offset) {
      key.head = previous.head;
    } else {
      if (head_offset >= size) return broken("a key lies outside");
      const std::optional<Sized> head = LoadSizedChecked(block + head_offset, limit);
      if (!head) return broken("a key reaches outside");
      key.head = head->bytes;
      head_hash = HashHead(key.head);
    }
    if (body_offset > size || static_cast<size_t>(suffix_bytes) > size - body_offset) {
      return broken("an entry lies outside");
    }
    const uint8_t* body = block + body_offset;
    const std::optional<Sized> value = LoadSizedChecked(body + suffix_bytes, limit);
    if (!value) return broken("a value reaches outside");
    key.suffix = {reinterpret_cast<const char*>(body), static_cast<size_t>(suffix_bytes)};
    if (slot > 0 && Compare(previous, key) >= 0) return broken("keys do not ascend");
    digest += HashBody(head_hash, {reinterpret_cast<const char*>(body), static_cast<size_t>(value->end - body)});
    previous = key;
    previous_head_offset = head_offset;
  }
  auto node = std::make_shared<MapNode>();
  node->entries = static_cast<int64_t>(count);
  node->bytes = bytes.size();
  node->block = std::move(bytes);
  node->digest = digest;
  return Part(std::move(node), suffix_bytes);
}

PersistentMap MapLoader::Part::map() const {
  PersistentMap map(suffix_bytes_);
  map.root_ = node_;
  return map;
}

Status MapLoader::Append(Part part) {
  if (!leaves_.empty()) {
    const MapNode& before = *leaves_.back();
    const MapKey last = EntryAt(before, static_cast<size_t>(before.entries) - 1, suffix_bytes_).key;
    if (Compare(last, FirstKey(*part.node_, suffix_bytes_)) >= 0) {
      return Error(ErrorKind::kCorrupt, "map blocks: keys do not ascend from block to block");
    }
  }
  leaves_.push_back(std::move(part.node_));
  return Status::OK();
}

PersistentMap MapLoader::Finish() && {
  PersistentMap map(suffix_bytes_);
  map.root_ = MakeRoot(std::move(leaves_), suffix_bytes_);
  return map;
}

}  // namespace sleeper
