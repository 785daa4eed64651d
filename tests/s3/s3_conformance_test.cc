// The suite of all stores, on a running server of S3. tests/s3/s3_test.py starts servers, makes a bucket and names both
// in the environment.

#include <gmock/gmock.h>

#include "sleeper/base/task_group.h"
#include "sleeper/store/testing/conformance.h"
#include "tests/s3/s3_machine.h"

namespace sleeper::store {
namespace {

std::shared_ptr<Machine> NewMachine() {
  SystemRandom random;
  return std::make_shared<Machine>(Variable("SLEEPER_TEST_S3_ENDPOINT"), "suite/" + random.Hex(16));
}

std::shared_ptr<ObjectStore> NewStore() {
  const std::shared_ptr<Machine> machine = NewMachine();
  return {machine, &*machine->store};
}

std::shared_ptr<ObjectStore> NewDecoratedStore() {
  const std::shared_ptr<Machine> machine = NewMachine();
  return {machine, &*machine->decorated};
}

INSTANTIATE_TEST_SUITE_P(S3, ObjectStoreConformance,
                         testing::Values(StoreKind{.name = "s3",
                                                   .make = NewStore,
                                                   .refuses_folder_names = false,
                                                   .held_back_bytes = int64_t{5} << 20},
                                         StoreKind{.name = "decorated",
                                                   .make = NewDecoratedStore,
                                                   .refuses_folder_names = false,
                                                   .held_back_bytes = int64_t{5} << 20}),
                         testing::PrintToStringParamName());

class S3ServerTest : public testing::Test {
 protected:
  ObjectStore& store() { return *machine_->store; }

  std::shared_ptr<Machine> machine_ = NewMachine();
  CallContext call_;
};

TEST_F(S3ServerTest, AnUploadOfSeveralPartsIsRefusedIfTheObjectExists) {
  const std::string part(6 << 20, 'p');
  ASSERT_EQ(store().Put(ObjectPath("a"), Buffer::CopyOf("first"), PutMode::kIfAbsent, call_), PutOutcome::kCreated);
  for (const PutMode mode : {PutMode::kIfAbsent, PutMode::kReplace}) {
    const auto writer = store().OpenWriter(ObjectPath("a"), mode, call_).ValueOrDie();
    ASSERT_TRUE(writer->Append(Buffer::CopyOf(part), call_).ok());
    ASSERT_TRUE(writer->Append(Buffer::CopyOf(part), call_).ok());
    EXPECT_EQ(writer->Finish(call_), mode == PutMode::kReplace ? PutOutcome::kCreated : PutOutcome::kExists);
    EXPECT_EQ(store().Head(ObjectPath("a"), call_)->size, mode == PutMode::kReplace ? 12 << 20 : 5);
  }
}

TEST_F(S3ServerTest, OneOfEightThreadsCompletesAnUploadOfSeveralParts) {
  const std::string part(6 << 20, 'p');
  std::atomic<int> created = 0;
  TaskGroup group(machine_->executor);
  for (int i = 0; i < 8; ++i) {
    group.RunStage([&]() -> Status {
      TRY_ASSIGN(auto writer, store().OpenWriter(ObjectPath("race"), PutMode::kIfAbsent, call_));
      TRY(writer->Append(Buffer::CopyOf(part), call_));
      TRY_ASSIGN(const PutOutcome outcome, writer->Finish(call_));
      if (outcome == PutOutcome::kCreated) ++created;
      return Status::OK();
    });
  }
  const Status joined = group.Join();
  EXPECT_TRUE(joined.ok()) << joined.ToString();
  EXPECT_EQ(created, 1);
}

TEST_F(S3ServerTest, WrongKeysAreDenied) {
  const auto wrong = net::FixedCredentials({.access_key_id = "nobody", .secret_access_key = net::Secret("hush-hush")});
  S3Store stranger(machine_->options, machine_->client, *wrong, machine_->executor, machine_->random);
  const Status status = stranger.Get(ObjectPath("a"), call_).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kDenied)) << status.ToString();
  EXPECT_EQ(status.ToString().find("hush"), std::string::npos);
}

TEST_F(S3ServerTest, AMissingBucketIsNotFound) {
  S3StoreOptions options = machine_->options;
  options.bucket.name = "no-such-bucket";
  S3Store nowhere(options, machine_->client, *machine_->credentials, machine_->executor, machine_->random);
  EXPECT_TRUE(IsKind(nowhere.Get(ObjectPath("a"), call_).status(), ErrorKind::kNotFound));
  const Status put = nowhere.Put(ObjectPath("a"), Buffer(), PutMode::kIfAbsent, call_).status();
  EXPECT_TRUE(IsKind(put, ErrorKind::kNotFound)) << put.ToString();
}

TEST_F(S3ServerTest, ManyObjectsAreDeletedAtOnce) {
  std::vector<ObjectPath> paths;
  for (int i = 0; i < 30; ++i) {
    paths.emplace_back("d/<&>\"' " + std::to_string(i));
    ASSERT_TRUE(store().Put(paths.back(), Buffer(), PutMode::kIfAbsent, call_).ok());
  }
  ASSERT_TRUE(store().Delete(paths, call_).ok());
  EXPECT_TRUE(store().List(ObjectPath(""), ObjectPath(""), 10, call_)->objects.empty());
}

}  // namespace
}  // namespace sleeper::store
