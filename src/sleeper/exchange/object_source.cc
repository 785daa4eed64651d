#include <algorithm>
#include <utility>
#include <vector>

#include "sleeper/exchange/input_source.h"

namespace sleeper::exchange {
namespace {

/// One request of those that go out together. Large enough that its bytes take longer than its latency.
constexpr int64_t kPieceBytes = int64_t{4} << 20;

/// Ranges with no more than this between them are read as one: the bytes cost less than another request.
constexpr int64_t kHoleBytesMax = int64_t{256} << 10;

/// Bytes of an object that have been fetched, one after the other.
struct Piece {
  ByteRange range;
  Buffer bytes;
};

/// Joins ranges, which are in order, with their near neighbours.
std::vector<ByteRange> Joined(const std::vector<ByteRange>& ranges) {
  std::vector<ByteRange> joined;
  for (const ByteRange& range : ranges) {
    if (!joined.empty() && range.offset <= joined.back().end() + kHoleBytesMax) {
      joined.back().size = std::max(joined.back().end(), range.end()) - joined.back().offset;
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

/// What to fetch at once if `ranges` are wanted: all of them, or, where the bound does not hold all, the same share of
/// each from its begin on.
std::vector<ByteRange> PiecesOf(std::vector<ByteRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const ByteRange& one, const ByteRange& other) { return one.offset < other.offset; });
  const std::vector<ByteRange> joined = Joined(ranges);
  int64_t total = 0;
  for (const ByteRange& range : joined) total += range.size;
  int64_t share = total;
  if (total <= kObjectAheadBytesMax) {
    ranges = joined;
  } else {
    share = std::max(int64_t{1}, kObjectAheadBytesMax / static_cast<int64_t>(ranges.size()));
  }
  std::vector<ByteRange> pieces;
  for (const ByteRange& range : ranges) {
    const int64_t end = range.offset + std::min(range.size, share);
    for (int64_t begin = range.offset; begin < end; begin += kPieceBytes) {
      pieces.push_back({begin, std::min(kPieceBytes, end - begin)});
    }
  }
  return pieces;
}

class ObjectSource final : public InputSource {
 public:
  ObjectSource(store::ObjectStore& store, store::ObjectPath path, int64_t size, std::string name)
      : store_(store), path_(std::move(path)), size_(size), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return size_; }

  // From start to end means that what follows is wanted, too.
  Result<Buffer> Read(int64_t bytes_max, const CallContext& call) override {
    if (position_ == size_) return Buffer();
    const Piece* piece = FindPiece(position_);
    if (piece == nullptr) {
      const ByteRange ahead{position_, std::min(kObjectAheadBytesMax / 2, size_ - position_)};
      TRY(Prefetch({&ahead, 1}, call));
      piece = FindPiece(position_);
    }
    const int64_t begin = position_ - piece->range.offset;
    const Buffer bytes = piece->bytes.Slice({begin, std::min(bytes_max, piece->range.size - begin)});
    position_ += bytes.size();
    return bytes;
  }

  Result<Buffer> ReadAt(ByteRange range, const CallContext& call) override {
    const Piece* piece = FindPiece(range.offset);
    if (piece != nullptr && range.end() <= piece->range.end()) {
      return piece->bytes.Slice({range.offset - piece->range.offset, range.size});
    }
    std::string bytes;
    while (piece != nullptr && static_cast<int64_t>(bytes.size()) < range.size) {
      const int64_t position = range.offset + static_cast<int64_t>(bytes.size());
      const int64_t begin = position - piece->range.offset;
      bytes += piece->bytes.Slice({begin, std::min(range.end(), piece->range.end()) - position}).view();
      piece = FindPiece(range.offset + static_cast<int64_t>(bytes.size()));
    }
    if (static_cast<int64_t>(bytes.size()) == range.size) return Buffer::FromString(std::move(bytes));
    auto fetched = store_.GetRange(path_, range, call);
    if (!fetched.ok()) return WithContext(fetched.status(), name_);
    return fetched;
  }

  Status Prefetch(std::span<const ByteRange> ranges, const CallContext& call) override {
    pieces_.clear();
    const std::vector<ByteRange> wanted = PiecesOf({ranges.begin(), ranges.end()});
    if (wanted.empty()) return Status::OK();
    auto fetched = store_.GetRanges(path_, wanted, call);
    if (!fetched.ok()) return WithContext(fetched.status(), name_);
    pieces_.reserve(wanted.size());
    for (size_t i = 0; i < wanted.size(); ++i) pieces_.push_back({wanted[i], std::move((*fetched)[i])});
    return Status::OK();
  }

 private:
  /// The piece with the byte at `position`, or null.
  const Piece* FindPiece(int64_t position) const {
    auto after = std::upper_bound(pieces_.begin(), pieces_.end(), position,
                                  [](int64_t at, const Piece& piece) { return at < piece.range.offset; });
    if (after == pieces_.begin()) return nullptr;
    --after;
    return position < after->range.end() ? &*after : nullptr;
  }

  store::ObjectStore& store_;
  const store::ObjectPath path_;
  const int64_t size_;
  const std::string name_;
  int64_t position_ = 0;
  /// By offset.
  std::vector<Piece> pieces_;
};

}  // namespace

Result<std::unique_ptr<InputSource>> OpenObjectSource(store::ObjectStore& store, const store::ObjectPath& path,
                                                      std::string name, const CallContext& call) {
  auto info = store.Head(path, call);
  if (!info.ok()) return WithContext(info.status(), name);
  return std::make_unique<ObjectSource>(store, path, info->size, std::move(name));
}

}  // namespace sleeper::exchange
