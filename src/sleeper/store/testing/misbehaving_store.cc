#include "sleeper/store/testing/misbehaving_store.h"

#include <algorithm>
#include <utility>

#include "sleeper/store/path_rules.h"

namespace sleeper::store {

class MisbehavingStore::Writer final : public ObjectWriter {
 public:
  /// `existed`: when the writer was opened.
  Writer(MisbehavingStore& store, bool existed, std::unique_ptr<ObjectWriter> inner)
      : store_(store), existed_(existed), inner_(std::move(inner)) {}

  Status Append(Buffer bytes, const CallContext& call) override { return inner_->Append(std::move(bytes), call); }

  Result<PutOutcome> Finish(const CallContext& call) override {
    if (!store_.Does(Misbehaviour::kMultipartLetsRacersWin)) return inner_->Finish(call);
    if (existed_) return PutOutcome::kExists;
    store_.pause_();
    return inner_->Finish(call);
  }

 private:
  MisbehavingStore& store_;
  const bool existed_;
  const std::unique_ptr<ObjectWriter> inner_;
};

ObjectPath MisbehavingStore::NameOf(const ObjectPath& path) const {
  if (!Does(Misbehaviour::kTurnsBackslashes)) return path;
  std::string text = path.value();
  std::replace(text.begin(), text.end(), '\\', '/');
  return ObjectPath(text);
}

ObjectInfo MisbehavingStore::Tell(ObjectInfo info) const {
  if (Does(Misbehaviour::kSameEtag)) info.etag = info.path.value() + std::to_string(info.size);
  return info;
}

void MisbehavingStore::NoteChange(const ObjectPath& path, const CallContext& call) {
  if (!Does(Misbehaviour::kStaleRead)) return;
  Result<Object> before = inner().Get(path, call);
  MutexLock lock(mutex_);
  before_.insert_or_assign(path, std::move(before));
}

Result<PutOutcome> MisbehavingStore::LookAndCreate(const ObjectPath& path, const CallContext& call,
                                                   const std::function<Result<PutOutcome>()>& create) {
  if (inner().Head(path, call).ok()) return PutOutcome::kExists;
  pause_();
  return create();
}

Result<Object> MisbehavingStore::Get(const ObjectPath& path, const CallContext& call) {
  {
    MutexLock lock(mutex_);
    if (const auto stale = before_.extract(path)) return stale.mapped();
  }
  TRY_ASSIGN(Object object, inner().Get(NameOf(path), call));
  object.info = Tell(std::move(object.info));
  return object;
}

Result<Buffer> MisbehavingStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  if (Does(Misbehaviour::kAnswersShortRange)) {
    TRY_ASSIGN(const ObjectInfo info, inner().Head(path, call));
    range.offset = std::min(range.offset, info.size);
    range.size = std::min(range.size, info.size - range.offset);
  }
  return inner().GetRange(path, range, call);
}

Result<PutOutcome> MisbehavingStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  const ObjectPath name = NameOf(path);
  NoteChange(name, call);
  {
    MutexLock lock(mutex_);
    created_last_ = name;
  }
  if (mode == PutMode::kIfAbsent && Does(Misbehaviour::kIgnoresCondition)) mode = PutMode::kReplace;
  if (mode == PutMode::kIfAbsent && Does(Misbehaviour::kLetsRacersWin)) {
    return LookAndCreate(name, call, [&] { return inner().Put(name, bytes, PutMode::kReplace, call); });
  }
  return inner().Put(name, std::move(bytes), mode, call);
}

Result<std::unique_ptr<ObjectWriter>> MisbehavingStore::OpenWriter(const ObjectPath& path, PutMode mode,
                                                                   const CallContext& call) {
  const ObjectPath name = NameOf(path);
  const bool existed =
      mode == PutMode::kIfAbsent && Does(Misbehaviour::kMultipartLetsRacersWin) && inner().Head(name, call).ok();
  if (Does(Misbehaviour::kMultipartIgnoresCondition) || Does(Misbehaviour::kMultipartLetsRacersWin)) {
    mode = PutMode::kReplace;
  }
  TRY_ASSIGN(auto writer, inner().OpenWriter(name, mode, call));
  return std::make_unique<Writer>(*this, existed, std::move(writer));
}

Result<ObjectInfo> MisbehavingStore::Head(const ObjectPath& path, const CallContext& call) {
  TRY_ASSIGN(ObjectInfo info, inner().Head(NameOf(path), call));
  return Tell(std::move(info));
}

Result<ListPage> MisbehavingStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                        const CallContext& call) {
  if (Does(Misbehaviour::kListsByFolder)) return ListByFolder(prefix, after, keys_max, call);
  const ObjectPath begin = Does(Misbehaviour::kIgnoresStartAfter) ? ObjectPath("") : after;
  TRY_ASSIGN(ListPage page, inner().List(prefix, begin, keys_max, call));
  for (ObjectInfo& object : page.objects) {
    object = Tell(std::move(object));
    if (Does(Misbehaviour::kListsAnotherEtag)) object.etag += "-listed";
  }
  MutexLock lock(mutex_);
  if (Does(Misbehaviour::kStaleListAfterCreate)) {
    const ObjectPath created = created_last_;
    std::erase_if(page.objects, [&](const ObjectInfo& object) { return object.path == created; });
  }
  if (deleted_last_ && deleted_last_->path.value().starts_with(prefix.value())) {
    page.objects.push_back(*deleted_last_);
    std::sort(page.objects.begin(), page.objects.end(),
              [](const ObjectInfo& a, const ObjectInfo& b) { return a.path < b.path; });
  }
  return page;
}

Result<ListPage> MisbehavingStore::ListByFolder(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                                const CallContext& call) {
  ListPage page;
  do {
    const ObjectPath last = page.objects.empty() ? ObjectPath("") : page.objects.back().path;
    TRY_ASSIGN(ListPage next, inner().List(prefix, last, kListPageMax, call));
    page.more = next.more && !next.objects.empty();
    page.objects.insert(page.objects.end(), next.objects.begin(), next.objects.end());
  } while (page.more);
  std::erase_if(page.objects,
                [&](const ObjectInfo& object) { return !ComesFirstByFolder(after.value(), object.path.value()); });
  std::sort(page.objects.begin(), page.objects.end(), [](const ObjectInfo& a, const ObjectInfo& b) {
    return ComesFirstByFolder(a.path.value(), b.path.value());
  });
  page.more = page.objects.size() > static_cast<size_t>(keys_max);
  page.objects.resize(std::min(page.objects.size(), static_cast<size_t>(keys_max)));
  return page;
}

Status MisbehavingStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  for (const ObjectPath& path : paths) {
    const Result<ObjectInfo> info = inner().Head(path, call);
    if (!info.ok() && Does(Misbehaviour::kCannotDeleteMissing)) return info.status();
    NoteChange(path, call);
    if (info.ok() && Does(Misbehaviour::kStaleListAfterDelete)) {
      MutexLock lock(mutex_);
      deleted_last_ = *info;
    }
    TRY(inner().Delete(std::span(&path, 1), call));
  }
  return Status::OK();
}

}  // namespace sleeper::store
