#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/store/object_store.h"

namespace sleeper::store {

/// Where a probe works: the store, a folder of its own in it, and the objects that it made there. Confined, but for the
/// racers that it starts itself.
class ProbeBench {
 public:
  /// `root` ends with "/". What is passed must outlive the bench.
  ProbeBench(ObjectStore& store, Executor& executor, std::string root, const CallContext& call)
      : store_(store), executor_(executor), root_(std::move(root)), call_(call.As("probe")) {}

  /// The object called `name`, below the probe's folder; from now on it is among those to clear away.
  ObjectPath Path(std::string_view name);

  Result<PutOutcome> Create(const ObjectPath& path, std::string_view text);
  Result<PutOutcome> Replace(const ObjectPath& path, std::string_view text);
  Result<PutOutcome> Stream(const ObjectPath& path, std::string_view text);

  /// The object's bytes, or "(no object)".
  Result<std::string> Read(const ObjectPath& path);

  /// The names below the probe's folder that start with `prefix`, of pages of `keys_max`.
  Result<std::vector<std::string>> Names(std::string_view prefix, int keys_max = 1000, std::string_view after = "");

  Status Delete(const ObjectPath& path);

  /// Lets several tasks create the object at the same time, each with a text of its own. kInternal unless just one of
  /// them was told that it created it, and the object holds that one's text.
  using CreateFunction = std::function<Result<PutOutcome>(const ObjectPath& path, std::string_view text)>;
  Status Race(const ObjectPath& path, const CreateFunction& create);

  /// Deletes what was made, and what other probes left behind long ago.
  Status Clear();

  ObjectStore& store() { return store_; }
  const CallContext& call() const { return call_; }

 private:
  ObjectStore& store_;
  Executor& executor_;
  const std::string root_;
  const CallContext call_;
  std::set<ObjectPath> made_;
};

}  // namespace sleeper::store
