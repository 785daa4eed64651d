#include "sleeper/check/list_data.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sleeper/base/task_group.h"
#include "sleeper/state/layout.h"

namespace sleeper::check {
namespace {

constexpr int kPageKeys = 1'000;

/// There is a range for each first digit of the names.
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr int kRangesSideBySideMax = 16;

/// The objects behind `after`, up to `through` or the end.
struct PathRange {
  store::ObjectPath after;
  std::optional<store::ObjectPath> through;
};

/// Together they hold all objects of the folder, whatever their names.
std::vector<PathRange> RangesOf(const store::ObjectPath& prefix, bool is_one) {
  if (is_one) return {{}};
  std::vector<PathRange> ranges(1);
  for (const char digit : kDigits.substr(1)) {
    const store::ObjectPath bound(prefix.value() + digit);
    ranges.back().through = bound;
    ranges.push_back({bound, std::nullopt});
  }
  return ranges;
}

class RangeComparison {
 public:
  RangeComparison(store::ObjectStore& store, const model::TableId& table, std::span<const state::TrackedFile> files,
                  PathRange range)
      : store_(store), table_(table), files_(files), range_(std::move(range)) {
    files_ = files_.subspan(CountThrough(range_.after));
  }

  Result<Differences> Run(const CallContext& call, const std::function<void(int64_t)>& on_listed) {
    Differences differences;
    store::ObjectPath after = range_.after;
    for (bool more = true; more;) {
      TRY_ASSIGN(store::ListPage page, store_.List(state::DataPrefix(table_), after, kPageKeys, call));
      more = page.more && !page.objects.empty();
      if (range_.through) {
        const auto end = std::find_if(page.objects.begin(), page.objects.end(),
                                      [&](const store::ObjectInfo& object) { return object.path > *range_.through; });
        more = more && end == page.objects.end();
        page.objects.erase(end, page.objects.end());
      }
      if (!page.objects.empty()) after = page.objects.back().path;
      const size_t covered = more ? CountThrough(after) : CountInRange();
      differences.Append(CompareFiles(table_, files_.first(covered), page.objects));
      files_ = files_.subspan(covered);
      on_listed(static_cast<int64_t>(page.objects.size()));
    }
    return differences;
  }

 private:
  /// The files, of those that are left, up to and with a path.
  size_t CountThrough(const store::ObjectPath& path) const {
    const auto end = std::partition_point(files_.begin(), files_.end(), [&](const state::TrackedFile& file) {
      return state::DataFilePath(table_, file.record.id) <= path;
    });
    return static_cast<size_t>(end - files_.begin());
  }
  size_t CountInRange() const { return range_.through ? CountThrough(*range_.through) : files_.size(); }

  store::ObjectStore& store_;
  const model::TableId& table_;
  std::span<const state::TrackedFile> files_;
  const PathRange range_;
};

}  // namespace

Result<Differences> CompareWithListing(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                       std::span<const state::TrackedFile> files, const CallContext& call,
                                       size_t files_in_one_range_max) {
  const std::vector<PathRange> ranges = RangesOf(state::DataPrefix(table), files.size() <= files_in_one_range_max);
  std::vector<Differences> of_ranges(ranges.size());
  std::atomic<int64_t> listed = 0;
  const Status listed_all =
      ParallelFor(executor, static_cast<int64_t>(ranges.size()), kRangesSideBySideMax, [&](int64_t i) -> Status {
        TRY(call.Check(executor.clock()));
        const auto index = static_cast<size_t>(i);
        RangeComparison comparison(store, table, files, ranges[index]);
        TRY_ASSIGN(of_ranges[index], comparison.Run(call, [&](int64_t objects) {
          call.Report("objects", listed += objects, static_cast<int64_t>(files.size()));
        }));
        return Status::OK();
      });
  TRY(listed_all);
  Differences all;
  for (Differences& part : of_ranges) all.Append(std::move(part));
  return all;
}

}  // namespace sleeper::check
