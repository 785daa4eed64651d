#include "tests/sim/defect.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace sleeper::sim {
namespace {

using store::ListPage;
using store::Object;
using store::ObjectPath;
using store::PutMode;
using store::PutOutcome;

class DefectiveStore final : public store::ObjectStore {
 public:
  DefectiveStore(Defect defect, store::ObjectStore& inner) : defect_(defect), inner_(inner) {}

  Result<Object> Get(const ObjectPath& path, const CallContext& call) override {
    if (defect_ != Defect::kCachesObjects) return inner_.Get(path, call);
    if (const auto known = objects_.find(path); known != objects_.end()) return known->second;
    const Result<Object> object = inner_.Get(path, call);
    const bool is_kept = object.ok() || IsKind(object.status(), ErrorKind::kNotFound);
    return is_kept ? objects_.emplace(path, object).first->second : object;
  }

  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override {
    return inner_.GetRange(path, range, call);
  }

  Result<std::vector<Buffer>> GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override {
    return inner_.GetRanges(path, ranges, call);
  }

  Result<PutOutcome> Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) override {
    if (defect_ == Defect::kIgnoresIfAbsent) mode = PutMode::kReplace;
    Result<PutOutcome> outcome = inner_.Put(path, bytes, mode, call);
    if (outcome.ok()) {
      if (*outcome == PutOutcome::kCreated) created_ = path;
      return defect_ == Defect::kExistsIsSuccess ? PutOutcome::kCreated : *outcome;
    }
    if (!IsKind(outcome.status(), ErrorKind::kOutcomeUnknown)) return outcome;
    switch (defect_) {
      case Defect::kUnknownIsSuccess:
        return PutOutcome::kCreated;
      case Defect::kUnknownIsFailure:
        return WithKind(outcome.status(), ErrorKind::kUnavailable);
      default:
        return outcome;
    }
  }

  Result<std::unique_ptr<store::ObjectWriter>> OpenWriter(const ObjectPath& path, PutMode mode,
                                                          const CallContext& call) override {
    return inner_.OpenWriter(path, mode, call);
  }

  Result<store::ObjectInfo> Head(const ObjectPath& path, const CallContext& call) override {
    return inner_.Head(path, call);
  }

  Result<ListPage> List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                        const CallContext& call) override {
    if (defect_ == Defect::kTornListing) return TornListing(prefix, after, keys_max, call);
    TRY_ASSIGN(ListPage page, inner_.List(prefix, after, keys_max, call));
    if (defect_ == Defect::kNoListAfterPut && keys_max == 1 && created_.value().starts_with(prefix.value())) {
      TRY_ASSIGN(store::ObjectInfo mine, inner_.Head(created_, call));
      return ListPage{{std::move(mine)}, true};
    }
    if (defect_ == Defect::kForgetsListing && page.objects.size() > 1 && after.empty()) {
      page.objects.erase(page.objects.begin());
    }
    if (defect_ != Defect::kStaleListing || !after.empty()) return page;
    ListPage& before = listings_[prefix];
    std::swap(before, page);
    return page.objects.empty() ? before : page;
  }

  Status Delete(std::span<const ObjectPath> paths, const CallContext& call) override {
    return inner_.Delete(paths, call);
  }

  Status DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) override {
    return inner_.DropAbandonedWrites(prefix, age, call);
  }

 private:
  /// Two looks at the same objects: where they differ, one that both have seen is passed over.
  Result<ListPage> TornListing(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                               const CallContext& call) {
    TRY_ASSIGN(const ListPage before, inner_.List(prefix, after, keys_max + 1, call));
    TRY_ASSIGN(ListPage page, inner_.List(prefix, after, keys_max + 1, call));
    if (before.objects != page.objects) {
      const auto stays =
          std::find_first_of(page.objects.begin(), page.objects.end(), before.objects.begin(), before.objects.end());
      if (stays != page.objects.end()) page.objects.erase(stays);
    }
    const auto objects_max = static_cast<size_t>(keys_max);
    if (page.objects.size() > objects_max) {
      page.objects.resize(objects_max);
      page.more = true;
    }
    return page;
  }

  const Defect defect_;
  store::ObjectStore& inner_;
  ObjectPath created_;
  std::map<ObjectPath, ListPage> listings_;
  std::map<ObjectPath, Result<Object>> objects_;
};

}  // namespace

std::string_view DefectName(Defect defect) {
  switch (defect) {
    case Defect::kNone:
      return "none";
    case Defect::kIgnoresIfAbsent:
      return "ignores if-absent";
    case Defect::kUnknownIsSuccess:
      return "unknown is success";
    case Defect::kUnknownIsFailure:
      return "unknown is failure";
    case Defect::kExistsIsSuccess:
      return "exists is success";
    case Defect::kNoListAfterPut:
      return "no list after put";
    case Defect::kStaleListing:
      return "stale listing";
    case Defect::kForgetsListing:
      return "forgets listing";
    case Defect::kTornListing:
      return "torn listing";
    case Defect::kCachesObjects:
      return "caches objects";
  }
  return "none";
}

std::string_view DefectText(Defect defect) {
  switch (defect) {
    case Defect::kNone:
      return "Nothing is wrong.";
    case Defect::kIgnoresIfAbsent:
      return "The condition of a put is not looked at: it overwrites.";
    case Defect::kUnknownIsSuccess:
      return "A put whose answer was lost is reported as done.";
    case Defect::kUnknownIsFailure:
      return "A put whose answer was lost is reported as not done.";
    case Defect::kExistsIsSuccess:
      return "An object that exists already is reported as created.";
    case Defect::kNoListAfterPut:
      return "Whoever has created an object is told that it is the newest.";
    case Defect::kStaleListing:
      return "A listing is answered from the one before it.";
    case Defect::kForgetsListing:
      return "Listings leave out the newest object.";
    case Defect::kTornListing:
      return "A listing of a folder that changes meanwhile is taken for a snapshot: it misses an object that stays.";
    case Defect::kCachesObjects:
      return "Slots of the log are cached: whoever has looked at one finds the same for ever, also nothing.";
  }
  return "";
}

const std::vector<Defect>& AllDefects() {
  static const std::vector<Defect> all = {
      Defect::kIgnoresIfAbsent, Defect::kUnknownIsSuccess, Defect::kUnknownIsFailure,
      Defect::kExistsIsSuccess, Defect::kNoListAfterPut,   Defect::kStaleListing,
      Defect::kForgetsListing,  Defect::kTornListing,      Defect::kCachesObjects};
  return all;
}

std::unique_ptr<store::ObjectStore> MakeDefective(Defect defect, store::ObjectStore& inner) {
  return std::make_unique<DefectiveStore>(defect, inner);
}

}  // namespace sleeper::sim
