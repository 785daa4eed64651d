#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::store {

/// Ways in which stores are known to break what the port promises.
enum class Misbehaviour {
  kIgnoresCondition,           ///< A create replaces what is there.
  kLetsRacersWin,              ///< Looks first and creates then, without holding on to anything in between.
  kMultipartIgnoresCondition,  ///< The same two, of streamed objects.
  kMultipartLetsRacersWin,     ///< An upload wins if there was no object when it began.
  kStaleRead,                  ///< The first read of an object after it changed shows it as it was before.
  kStaleListAfterCreate,       ///< A listing misses the object that was created last.
  kStaleListAfterDelete,       ///< A listing still shows the object that was deleted last.
  kListsByFolder,              ///< A "/" comes before every other character.
  kIgnoresStartAfter,          ///< Every listing begins at the beginning.
  kSameEtag,                   ///< An object's ETag tells its name and size.
  kListsAnotherEtag,           ///< A listing tells another ETag than a read does.
  kAnswersShortRange,          ///< A range past the end is answered with what there is.
  kCannotDeleteMissing,        ///< Deleting what is not there fails.
  kTurnsBackslashes,           ///< "\" is "/", but for deletions: they find nothing.
};

/// A store with one such fault. As thread-safe as `pause`.
class MisbehavingStore final : public InterceptingStore {
 public:
  /// `pause` is called between looking and creating: it gives other tasks their turn.
  MisbehavingStore(ObjectStore& inner, Misbehaviour misbehaviour, std::function<void()> pause)
      : InterceptingStore(inner), misbehaviour_(misbehaviour), pause_(std::move(pause)) {}

  Result<Object> Get(const ObjectPath& path, const CallContext& call) override;
  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override;
  Result<PutOutcome> Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(const ObjectPath& path, PutMode mode,
                                                   const CallContext& call) override;
  Result<ObjectInfo> Head(const ObjectPath& path, const CallContext& call) override;
  Result<ListPage> List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                        const CallContext& call) override;
  Status Delete(std::span<const ObjectPath> paths, const CallContext& call) override;

 private:
  class Writer;

  bool Does(Misbehaviour misbehaviour) const { return misbehaviour_ == misbehaviour; }
  Status Before(const StoreCall& /*call*/) override { return Status::OK(); }
  ObjectPath NameOf(const ObjectPath& path) const;
  ObjectInfo Tell(ObjectInfo info) const;
  /// Remembers what the object was before it changes.
  void NoteChange(const ObjectPath& path, const CallContext& call);
  Result<PutOutcome> LookAndCreate(const ObjectPath& path, const CallContext& call,
                                   const std::function<Result<PutOutcome>()>& create);
  Result<ListPage> ListByFolder(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                const CallContext& call);

  const Misbehaviour misbehaviour_;
  const std::function<void()> pause_;
  Mutex mutex_;
  /// What changed objects were before, or that they were not.
  std::map<ObjectPath, Result<Object>> before_ SLEEPER_GUARDED_BY(mutex_);
  ObjectPath created_last_ SLEEPER_GUARDED_BY(mutex_);
  std::optional<ObjectInfo> deleted_last_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::store
