#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/base/executor.h"
#include "sleeper/store/object_store.h"

namespace sleeper::store {

/// A kind of store that the suite can try.
struct StoreKind {
  std::string name;
  /// A new store without objects; the suite makes one per test. What the store lives on may hang on the pointer.
  std::function<std::shared_ptr<ObjectStore>()> make;
  /// True if no object can have the name of a folder of other objects.
  bool refuses_folder_names = true;
  /// A writer keeps so many bytes to itself before the store sees anything of it.
  int64_t held_back_bytes = 0;
};

std::ostream& operator<<(std::ostream& out, const StoreKind& kind);

/// What every ObjectStore promises, as tests. A store takes part by
///
///   INSTANTIATE_TEST_SUITE_P(Memory, ObjectStoreConformance, testing::Values(StoreKind{…}));
class ObjectStoreConformance : public testing::TestWithParam<StoreKind> {
 protected:
  ObjectStoreConformance();

  ObjectStore& store() { return *store_; }

  PutOutcome Put(const std::string& path, const std::string& bytes, PutMode mode = PutMode::kIfAbsent);
  PutOutcome PutStreamed(const std::string& path, const std::vector<std::string>& pieces,
                         PutMode mode = PutMode::kIfAbsent);
  std::unique_ptr<ObjectWriter> OpenWriter(const std::string& path, PutMode mode = PutMode::kIfAbsent);

  /// The bytes of the object, or "<absent>".
  std::string Read(const std::string& path);
  std::string EtagOf(const std::string& path);

  /// The paths of the whole listing, page by page.
  std::vector<std::string> ListAll(const std::string& prefix, int keys_max = 1000, const std::string& after = "");
  Status Delete(const std::vector<std::string>& paths);

  /// How many of 16 threads that put the same object at the same time created it; and it holds that one's bytes.
  void RaceToCreate(const std::string& path, bool is_streamed);

  SystemClock clock_;
  ThreadExecutor executor_{2, clock_};
  CallContext call_;

 private:
  std::shared_ptr<ObjectStore> store_;
};

}  // namespace sleeper::store
