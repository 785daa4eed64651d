#include "sleeper/store/testing/conformance.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <gmock/gmock.h>

#include "sleeper/base/event.h"
#include "sleeper/base/task_group.h"

namespace sleeper::store {

using testing::ElementsAre;
using testing::IsEmpty;

std::ostream& operator<<(std::ostream& out, const StoreKind& kind) { return out << kind.name; }

namespace {

template <typename T>
T ValueOf(Result<T> result) {
  EXPECT_TRUE(result.ok()) << result.status().ToString();
  return result.ok() ? std::move(result).ValueUnsafe() : T();
}

/// `bytes` that differ from place to place and from seed to seed.
std::string Pattern(size_t bytes, uint8_t seed) {
  std::string tile(4093, '\0');
  for (size_t i = 0; i < tile.size(); ++i) tile[i] = static_cast<char>((i * 131 + seed) & 0xffU);
  std::string text;
  while (text.size() < bytes) text += tile;
  text.resize(bytes);
  return text;
}

}  // namespace

ObjectStoreConformance::ObjectStoreConformance() : store_(GetParam().make()) {}

PutOutcome ObjectStoreConformance::Put(const std::string& path, const std::string& bytes, PutMode mode) {
  return ValueOf(store().Put(ObjectPath(path), Buffer::CopyOf(bytes), mode, call_));
}

std::unique_ptr<ObjectWriter> ObjectStoreConformance::OpenWriter(const std::string& path, PutMode mode) {
  return ValueOf(store().OpenWriter(ObjectPath(path), mode, call_));
}

PutOutcome ObjectStoreConformance::PutStreamed(const std::string& path, const std::vector<std::string>& pieces,
                                               PutMode mode) {
  const std::unique_ptr<ObjectWriter> writer = OpenWriter(path, mode);
  for (const std::string& piece : pieces) {
    const Status status = writer->Append(Buffer::CopyOf(piece), call_);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  return ValueOf(writer->Finish(call_));
}

std::string ObjectStoreConformance::Read(const std::string& path) {
  const Result<Object> object = store().Get(ObjectPath(path), call_);
  if (object.ok()) {
    EXPECT_EQ(object->info.path, ObjectPath(path));
    EXPECT_EQ(object->info.size, object->bytes.size());
    EXPECT_FALSE(object->info.etag.empty());
    return std::string(object->bytes.view());
  }
  EXPECT_TRUE(IsKind(object.status(), ErrorKind::kNotFound)) << object.status().ToString();
  return "<absent>";
}

std::string ObjectStoreConformance::EtagOf(const std::string& path) {
  return ValueOf(store().Head(ObjectPath(path), call_)).etag;
}

std::vector<std::string> ObjectStoreConformance::ListAll(const std::string& prefix, int keys_max,
                                                         const std::string& after) {
  constexpr int kPagesMax = 10'000;
  std::vector<std::string> paths;
  ObjectPath last(after);
  for (int i = 0; i < kPagesMax; ++i) {
    const ListPage page = ValueOf(store().List(ObjectPath(prefix), last, keys_max, call_));
    EXPECT_LE(page.objects.size(), static_cast<size_t>(keys_max));
    for (const ObjectInfo& object : page.objects) paths.push_back(object.path.value());
    if (!page.more) return paths;
    EXPECT_FALSE(page.objects.empty()) << "a page that says `more` must get on";
    if (page.objects.empty()) return paths;
    last = page.objects.back().path;
  }
  ADD_FAILURE() << "the listing does not end";
  return paths;
}

Status ObjectStoreConformance::Delete(const std::vector<std::string>& paths) {
  std::vector<ObjectPath> objects;
  for (const std::string& path : paths) objects.emplace_back(path);
  return store().Delete(objects, call_);
}

void ObjectStoreConformance::RaceToCreate(const std::string& path, bool is_streamed) {
  constexpr int kThreads = 16;
  Event start(executor_);
  std::atomic<int> created = 0;
  std::atomic<int> winner = -1;
  TaskGroup group(executor_);
  for (int i = 0; i < kThreads; ++i) {
    group.RunStage([&, i]() -> Status {
      const std::string bytes = "from thread " + std::to_string(i);
      start.Wait();
      const PutOutcome outcome =
          is_streamed ? PutStreamed(path, {bytes.substr(0, 5), bytes.substr(5)}) : Put(path, bytes);
      if (outcome == PutOutcome::kCreated) {
        ++created;
        winner = i;
      }
      // Whatever the outcome, there is an object from now on, and it is whole.
      EXPECT_THAT(Read(path), testing::StartsWith("from thread "));
      return Status::OK();
    });
  }
  start.Set();
  EXPECT_TRUE(group.Join().ok());
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Read(path), "from thread " + std::to_string(winner));
}

// Linked into every test that uses another file of this library; only those of a store run it.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObjectStoreConformance);

TEST_P(ObjectStoreConformance, AnObjectIsReadBackAsItWasPut) {
  EXPECT_EQ(Put("a/b", "hello"), PutOutcome::kCreated);
  EXPECT_EQ(Read("a/b"), "hello");
  const ObjectInfo info = ValueOf(store().Head(ObjectPath("a/b"), call_));
  EXPECT_EQ(info, ValueOf(store().Get(ObjectPath("a/b"), call_)).info);
  EXPECT_EQ(info, ValueOf(store().List(ObjectPath(""), ObjectPath(""), 10, call_)).objects.at(0));
  EXPECT_EQ(info.size, 5);
  EXPECT_LT(std::chrono::abs(info.last_modified - clock_.Now()), std::chrono::hours(1));
}

TEST_P(ObjectStoreConformance, AnAbsentObjectIsNotFound) {
  Put("a/b", "hello");
  for (const char* path : {"x", "a", "a/b/c", "a/bb", "a/B"}) {
    const ObjectPath absent(path);
    EXPECT_TRUE(IsKind(store().Get(absent, call_).status(), ErrorKind::kNotFound)) << path;
    EXPECT_TRUE(IsKind(store().Head(absent, call_).status(), ErrorKind::kNotFound)) << path;
    EXPECT_TRUE(IsKind(store().GetRange(absent, {0, 0}, call_).status(), ErrorKind::kNotFound)) << path;
    EXPECT_TRUE(IsKind(store().GetRanges(absent, {}, call_).status(), ErrorKind::kNotFound)) << path;
  }
}

TEST_P(ObjectStoreConformance, CreatingAnObjectThatExistsLeavesItAsItIs) {
  EXPECT_EQ(Put("a", "first"), PutOutcome::kCreated);
  const std::string etag = EtagOf("a");
  EXPECT_EQ(Put("a", "second"), PutOutcome::kExists);
  EXPECT_EQ(PutStreamed("a", {"thi", "rd"}), PutOutcome::kExists);
  EXPECT_EQ(Read("a"), "first");
  EXPECT_EQ(EtagOf("a"), etag);
}

TEST_P(ObjectStoreConformance, ReplacingCreatesOrReplaces) {
  EXPECT_EQ(Put("a/x", "first", PutMode::kReplace), PutOutcome::kCreated);
  EXPECT_EQ(Put("a/x", "second", PutMode::kReplace), PutOutcome::kCreated);
  EXPECT_EQ(Read("a/x"), "second");
  EXPECT_EQ(PutStreamed("a/x", {"thi", "rd"}, PutMode::kReplace), PutOutcome::kCreated);
  EXPECT_EQ(Read("a/x"), "third");
  EXPECT_THAT(ListAll(""), ElementsAre("a/x"));
}

TEST_P(ObjectStoreConformance, OneOf16ThreadsCreatesAnObject) { RaceToCreate("race/single", /*is_streamed=*/false); }

TEST_P(ObjectStoreConformance, OneOf16ThreadsCreatesAStreamedObject) {
  RaceToCreate("race/streamed", /*is_streamed=*/true);
}

TEST_P(ObjectStoreConformance, ManyThreadsCreateAndDeleteInTheSameFolders) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 8;
  TaskGroup group(executor_);
  for (int i = 0; i < kThreads; ++i) {
    group.RunStage([&, i]() -> Status {
      for (int round = 0; round < kRounds; ++round) {
        const std::string path = "d/e/f" + std::to_string(round % 2) + "/" + std::to_string(i);
        EXPECT_EQ(Put(path, "x"), PutOutcome::kCreated);
        EXPECT_EQ(Read(path), "x");
        EXPECT_THAT(ListAll(path), ElementsAre(path));
        TRY(Delete({path}));
        EXPECT_EQ(Read(path), "<absent>");
      }
      return Status::OK();
    });
  }
  EXPECT_TRUE(group.Join().ok());
  EXPECT_THAT(ListAll(""), IsEmpty());
}

TEST_P(ObjectStoreConformance, AListingShowsEveryObjectWhosePutHasReturned) {
  constexpr int kObjects = 10;
  TaskGroup group(executor_);
  for (int writer = 0; writer < 4; ++writer) {
    group.RunStage([&, writer]() -> Status {
      for (int i = 0; i < kObjects; ++i) {
        const std::string path = "log/" + std::to_string(writer) + "-" + std::to_string(100 + i);
        EXPECT_EQ(Put(path, "x"), PutOutcome::kCreated);
        EXPECT_THAT(ListAll("log/", 1000), testing::Contains(path));
      }
      return Status::OK();
    });
  }
  EXPECT_TRUE(group.Join().ok());
  EXPECT_EQ(ListAll("log/").size(), 4U * kObjects);
}

TEST_P(ObjectStoreConformance, AListingShowsWhatStaysWhileOthersComeAndGo) {
  constexpr int kStaying = 20;
  for (int i = 0; i < kStaying; ++i) Put("log/stays-" + std::to_string(100 + i), "x");
  std::atomic<bool> done = false;
  TaskGroup group(executor_);
  for (const char* name : {"log/a", "log/stays-110-", "log/z"}) {
    group.RunStage([&, name]() -> Status {
      for (int i = 0; !done; ++i) {
        const std::string path = name + std::to_string(i % 3);
        Put(path, "x", i % 2 == 0 ? PutMode::kReplace : PutMode::kIfAbsent);
        if (i % 3 == 2) TRY(Delete({path}));
      }
      return Status::OK();
    });
  }
  for (int i = 0; i < 30; ++i) {
    const std::vector<std::string> paths = ListAll("log/");
    EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end()));
    EXPECT_EQ(std::adjacent_find(paths.begin(), paths.end()), paths.end()) << "no object is shown twice";
    const auto stays = [](const std::string& path) { return path.starts_with("log/stays-") && path.size() == 13; };
    EXPECT_EQ(std::count_if(paths.begin(), paths.end(), stays), kStaying);
  }
  done = true;
  EXPECT_TRUE(group.Join().ok());
}

TEST_P(ObjectStoreConformance, ListsInTheOrderOfThePathsBytes) {
  for (const char* path : {"b", "a/b/c", "a/b-c", "a/b0", "a-", "a0", "a/b.c", "B", "\xC3\xA9", "~", "a/b/c-/d"})
    Put(path, "x");
  EXPECT_THAT(ListAll(""),
              ElementsAre("B", "a-", "a/b-c", "a/b.c", "a/b/c", "a/b/c-/d", "a/b0", "a0", "b", "~", "\xC3\xA9"));
}

TEST_P(ObjectStoreConformance, APrefixMayEndAnywhere) {
  for (const char* path : {"log/1", "log/12", "log/2", "logs/1", "lo", "m/log/1", "\xC3\xA9", "\xC3\xB6"})
    Put(path, "x");
  EXPECT_THAT(ListAll("log/"), ElementsAre("log/1", "log/12", "log/2"));
  EXPECT_THAT(ListAll("log"), ElementsAre("log/1", "log/12", "log/2", "logs/1"));
  EXPECT_THAT(ListAll("log/1"), ElementsAre("log/1", "log/12"));
  EXPECT_THAT(ListAll("lo"), ElementsAre("lo", "log/1", "log/12", "log/2", "logs/1"));
  EXPECT_THAT(ListAll("\xC3"), ElementsAre("\xC3\xA9", "\xC3\xB6"));
  EXPECT_THAT(ListAll("x"), IsEmpty());
  EXPECT_THAT(ListAll("log/1/"), IsEmpty());
  EXPECT_THAT(ListAll("x/y/z"), IsEmpty());
}

TEST_P(ObjectStoreConformance, AListingGoesOnAfterAPathThatNeedNotExist) {
  for (const char* path : {"a/1", "a/3", "a/b/1", "b/1"}) Put(path, "x");
  EXPECT_THAT(ListAll("a/", 1000, "a/1"), ElementsAre("a/3", "a/b/1"));
  EXPECT_THAT(ListAll("a/", 1000, "a/2"), ElementsAre("a/3", "a/b/1"));
  EXPECT_THAT(ListAll("a/", 1000, "a/b"), ElementsAre("a/b/1"));
  EXPECT_THAT(ListAll("a/", 1000, "a/b/1"), IsEmpty());
  EXPECT_THAT(ListAll("a/", 1000, "A"), ElementsAre("a/1", "a/3", "a/b/1"));
  EXPECT_THAT(ListAll("a/", 1000, "b"), IsEmpty());
  EXPECT_THAT(ListAll("", 1000, "a/b/1/x"), ElementsAre("b/1"));
}

TEST_P(ObjectStoreConformance, PagesOfAnySizeMakeTheSameListing) {
  std::vector<std::string> paths;
  for (const char* folder : {"", "a/", "a/b/", "a-b/", "c/"}) {
    for (const char* name : {"1", "2", "3"}) paths.push_back(std::string(folder) + name);
  }
  for (const std::string& path : paths) Put(path, "x");
  std::sort(paths.begin(), paths.end());
  for (const int keys_max : {1, 2, 3, 7, 14, 15, 16}) EXPECT_EQ(ListAll("", keys_max), paths) << keys_max;
  EXPECT_FALSE(ValueOf(store().List(ObjectPath(""), ObjectPath(""), 15, call_)).more);
  EXPECT_TRUE(ValueOf(store().List(ObjectPath(""), ObjectPath(""), 14, call_)).more);
}

TEST_P(ObjectStoreConformance, APageHoldsAtLeastOneObject) {
  EXPECT_TRUE(IsKind(store().List(ObjectPath(""), ObjectPath(""), 0, call_).status(), ErrorKind::kInvalid));
}

TEST_P(ObjectStoreConformance, RangesAreReadExactly) {
  Put("a", "0123456789");
  const ObjectPath path("a");
  EXPECT_EQ(ValueOf(store().GetRange(path, {0, 10}, call_)).view(), "0123456789");
  EXPECT_EQ(ValueOf(store().GetRange(path, {3, 4}, call_)).view(), "3456");
  EXPECT_EQ(ValueOf(store().GetRange(path, {9, 1}, call_)).view(), "9");
  EXPECT_EQ(ValueOf(store().GetRange(path, {10, 0}, call_)).view(), "");
}

TEST_P(ObjectStoreConformance, ARangePastTheEndIsInvalid) {
  Put("a", "0123456789");
  const ObjectPath path("a");
  for (const ByteRange range :
       {ByteRange{0, 11}, ByteRange{9, 2}, ByteRange{11, 0}, ByteRange{100, 1}, ByteRange{-1, 2}}) {
    EXPECT_TRUE(IsKind(store().GetRange(path, range, call_).status(), ErrorKind::kInvalid)) << range.offset;
    const std::vector<ByteRange> ranges = {{0, 1}, range};
    EXPECT_TRUE(IsKind(store().GetRanges(path, ranges, call_).status(), ErrorKind::kInvalid)) << range.offset;
  }
}

TEST_P(ObjectStoreConformance, ManyRangesAreAnsweredInTheOrderAsked) {
  Put("a", "0123456789");
  const std::vector<ByteRange> ranges = {{8, 2}, {0, 3}, {2, 3}, {5, 0}, {0, 3}};
  std::vector<std::string> texts;
  for (const Buffer& buffer : ValueOf(store().GetRanges(ObjectPath("a"), ranges, call_)))
    texts.emplace_back(buffer.view());
  EXPECT_THAT(texts, ElementsAre("89", "012", "234", "", "012"));
  EXPECT_THAT(ValueOf(store().GetRanges(ObjectPath("a"), {}, call_)), IsEmpty());
}

TEST_P(ObjectStoreConformance, TheEtagDiffersWheneverTheBytesDiffer) {
  std::vector<std::string> etags;
  for (const char* bytes : {"aaaa", "aaab", "baaa", "aaba"}) {
    Put("replaced", bytes, PutMode::kReplace);
    etags.push_back(EtagOf("replaced"));
    Put("created/again", bytes);
    etags.push_back("again " + EtagOf("created/again"));
    ASSERT_TRUE(Delete({"created/again"}).ok());
  }
  std::sort(etags.begin(), etags.end());
  EXPECT_EQ(std::unique(etags.begin(), etags.end()), etags.end());
}

TEST_P(ObjectStoreConformance, TheEtagStaysAsLongAsTheObjectDoes) {
  Put("a", "hello");
  const std::string etag = EtagOf("a");
  Put("b", "hello");
  EXPECT_EQ(Read("a"), "hello");
  EXPECT_EQ(EtagOf("a"), etag);
}

TEST_P(ObjectStoreConformance, ALargeObjectIsInvisibleBeforeItIsFinished) {
  constexpr size_t kPieceBytes = 8 << 20;
  const std::unique_ptr<ObjectWriter> writer = OpenWriter("big/object");
  for (uint8_t piece = 0; piece < 3; ++piece) {
    ASSERT_TRUE(writer->Append(Buffer::FromString(Pattern(kPieceBytes, piece)), call_).ok());
    EXPECT_EQ(Read("big/object"), "<absent>");
    EXPECT_THAT(ListAll(""), IsEmpty());
  }
  EXPECT_EQ(ValueOf(writer->Finish(call_)), PutOutcome::kCreated);
  EXPECT_EQ(ValueOf(store().Head(ObjectPath("big/object"), call_)).size, int64_t{3 * kPieceBytes});
  for (uint8_t piece = 0; piece < 3; ++piece) {
    const ByteRange range{static_cast<int64_t>(piece * kPieceBytes), kPieceBytes};
    EXPECT_TRUE(ValueOf(store().GetRange(ObjectPath("big/object"), range, call_)).view() ==
                Pattern(kPieceBytes, piece));
  }
}

TEST_P(ObjectStoreConformance, AnObjectMayBeEmpty) {
  EXPECT_EQ(Put("single", ""), PutOutcome::kCreated);
  EXPECT_EQ(PutStreamed("streamed", {}), PutOutcome::kCreated);
  EXPECT_EQ(PutStreamed("pieces", {"", "", ""}), PutOutcome::kCreated);
  for (const char* path : {"single", "streamed", "pieces"}) {
    EXPECT_EQ(Read(path), "");
    EXPECT_EQ(Put(path, "x"), PutOutcome::kExists);
  }
  EXPECT_THAT(ListAll(""), ElementsAre("pieces", "single", "streamed"));
}

TEST_P(ObjectStoreConformance, AWriterThatIsDroppedLeavesNothingVisible) {
  {
    const std::unique_ptr<ObjectWriter> writer = OpenWriter("d/abandoned");
    ASSERT_TRUE(writer->Append(Buffer::CopyOf("half"), call_).ok());
  }
  EXPECT_EQ(Read("d/abandoned"), "<absent>");
  EXPECT_THAT(ListAll(""), IsEmpty());
  EXPECT_EQ(Put("d/abandoned", "whole"), PutOutcome::kCreated);
}

TEST_P(ObjectStoreConformance, AWriteThatWasDroppedAsAbandonedCannotFinish) {
  const std::unique_ptr<ObjectWriter> dropped = OpenWriter("a/dropped");
  const std::unique_ptr<ObjectWriter> other = OpenWriter("b/other");
  const std::string whole = Pattern(static_cast<size_t>(GetParam().held_back_bytes) + 5, 1);
  ASSERT_TRUE(dropped->Append(Buffer::CopyOf(whole), call_).ok());
  ASSERT_TRUE(other->Append(Buffer::CopyOf(whole), call_).ok());
  ASSERT_TRUE(store().DropAbandonedWrites(ObjectPath("a/"), Duration::zero(), call_).ok());
  ASSERT_TRUE(store().DropAbandonedWrites(ObjectPath(""), std::chrono::hours(1), call_).ok());
  const Status finished = dropped->Finish(call_).status();
  EXPECT_TRUE(IsKind(finished, ErrorKind::kConflict)) << finished.ToString();
  EXPECT_THAT(HintOf(finished), testing::HasSubstr("run the job again"));
  EXPECT_EQ(Read("a/dropped"), "<absent>");
  EXPECT_EQ(ValueOf(other->Finish(call_)), PutOutcome::kCreated);
  EXPECT_TRUE(Read("b/other") == whole);
}

TEST_P(ObjectStoreConformance, DroppingAbandonedWritesLeavesObjectsAlone) {
  Put("a", "hello");
  PutStreamed("b", {"wor", "ld"});
  ASSERT_TRUE(store().DropAbandonedWrites(ObjectPath(""), Duration::zero(), call_).ok());
  EXPECT_EQ(Read("a"), "hello");
  EXPECT_EQ(Read("b"), "world");
}

TEST_P(ObjectStoreConformance, DeletedObjectsAreGoneAndMissingOnesCountAsDeleted) {
  for (const char* path : {"a/1", "a/2", "b/1"}) Put(path, "x");
  ASSERT_TRUE(Delete({"a/1", "b/1", "missing", "a/missing", "missing/too", "a/1"}).ok());
  EXPECT_EQ(Read("a/1"), "<absent>");
  EXPECT_THAT(ListAll(""), ElementsAre("a/2"));
  EXPECT_TRUE(Delete({}).ok());
  EXPECT_TRUE(Delete({"a"}).ok()) << "a folder is no object";
  EXPECT_EQ(Read("a/2"), "x");
}

TEST_P(ObjectStoreConformance, ADeletedObjectCanBeCreatedAgain) {
  Put("a/b/c", "first");
  ASSERT_TRUE(Delete({"a/b/c"}).ok());
  EXPECT_EQ(Put("a/b/c", "second"), PutOutcome::kCreated);
  EXPECT_EQ(Read("a/b/c"), "second");
  ASSERT_TRUE(Delete({"a/b/c"}).ok());
  EXPECT_EQ(Put("a", "what was a folder"), PutOutcome::kCreated);
  EXPECT_EQ(Read("a"), "what was a folder");
}

TEST_P(ObjectStoreConformance, PathsMayHoldUnusualCharacters) {
  std::vector<std::string> paths = {"a b/c d", "50%/100%25", "%2F%2e",    "a+b",      "it's",
                                    "x=1&y=2", "[0-9]*?",    "a\\b",      "\"q\"",    "c:d",
                                    "<x>|y",   ".hidden/.x", "end.",      "end ",     "...",
                                    "#?!$,;@", "größe/日本", "e\xCC\x81", "\xC3\xA9", "\xF0\x9F\x98\x80",
                                    "~",       "(x)",        "{x}^`"};
  for (const std::string& path : paths) EXPECT_EQ(Put(path, "bytes of " + path), PutOutcome::kCreated) << path;
  for (const std::string& path : paths) EXPECT_EQ(Read(path), "bytes of " + path);
  for (const std::string& path : paths) EXPECT_THAT(ListAll(path), testing::Contains(path));
  std::vector<std::string> sorted = paths;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(ListAll(""), sorted);
  EXPECT_EQ(ListAll("", 2), sorted);
  EXPECT_TRUE(Delete(paths).ok());
  EXPECT_THAT(ListAll(""), IsEmpty());
}

TEST_P(ObjectStoreConformance, InvalidPathsAreRefusedByEveryVerb) {
  for (const char* text : {"", "/a", "a/", "a//b", "../a", "a/./b", "a\nb", "a\xff"}) {
    const ObjectPath path(text);
    EXPECT_TRUE(IsKind(store().Get(path, call_).status(), ErrorKind::kInvalid)) << text;
    EXPECT_TRUE(IsKind(store().GetRange(path, {0, 0}, call_).status(), ErrorKind::kInvalid)) << text;
    EXPECT_TRUE(IsKind(store().GetRanges(path, {}, call_).status(), ErrorKind::kInvalid)) << text;
    EXPECT_TRUE(IsKind(store().Put(path, Buffer(), PutMode::kReplace, call_).status(), ErrorKind::kInvalid)) << text;
    EXPECT_TRUE(IsKind(store().OpenWriter(path, PutMode::kReplace, call_).status(), ErrorKind::kInvalid)) << text;
    EXPECT_TRUE(IsKind(store().Head(path, call_).status(), ErrorKind::kInvalid)) << text;
    EXPECT_TRUE(IsKind(Delete({text}), ErrorKind::kInvalid)) << text;
  }
  EXPECT_TRUE(IsKind(store().List(ObjectPath("a//"), ObjectPath(""), 1, call_).status(), ErrorKind::kInvalid));
  EXPECT_TRUE(IsKind(store().DropAbandonedWrites(ObjectPath("/"), Duration::zero(), call_), ErrorKind::kInvalid));
}

TEST_P(ObjectStoreConformance, NoObjectIsAFolderOfOthers) {
  if (!GetParam().refuses_folder_names) GTEST_SKIP() << "this store holds both";
  Put("d", "object");
  Put("x/y/z", "object");
  const auto put = [&](const char* path, PutMode mode) {
    return store().Put(ObjectPath(path), Buffer::CopyOf("x"), mode, call_).status();
  };
  for (const PutMode mode : {PutMode::kIfAbsent, PutMode::kReplace}) {
    EXPECT_TRUE(IsKind(put("d/e", mode), ErrorKind::kInvalid));
    EXPECT_TRUE(IsKind(put("d/e/f", mode), ErrorKind::kInvalid));
    EXPECT_TRUE(IsKind(put("x", mode), ErrorKind::kInvalid));
    EXPECT_TRUE(IsKind(put("x/y", mode), ErrorKind::kInvalid));
  }
  EXPECT_THAT(ListAll(""), ElementsAre("d", "x/y/z"));
  EXPECT_EQ(Read("d"), "object");
}

TEST_P(ObjectStoreConformance, CancelledWorkHasNoEffect) {
  Put("a", "hello");
  Cancellation cancellation;
  cancellation.Cancel();
  CallContext call;
  call.cancellation = &cancellation;
  EXPECT_TRUE(IsKind(store().Get(ObjectPath("a"), call).status(), ErrorKind::kCancelled));
  EXPECT_TRUE(IsKind(store().List(ObjectPath(""), ObjectPath(""), 1, call).status(), ErrorKind::kCancelled));
  EXPECT_TRUE(IsKind(store().Put(ObjectPath("b"), Buffer(), PutMode::kIfAbsent, call).status(), ErrorKind::kCancelled));
  const std::vector<ObjectPath> paths = {ObjectPath("a")};
  EXPECT_TRUE(IsKind(store().Delete(paths, call), ErrorKind::kCancelled));
  const std::unique_ptr<ObjectWriter> writer = OpenWriter("c");
  EXPECT_TRUE(IsKind(writer->Finish(call).status(), ErrorKind::kCancelled));
  EXPECT_THAT(ListAll(""), ElementsAre("a"));
}

TEST_P(ObjectStoreConformance, AStoreWithoutObjectsIsEmpty) {
  EXPECT_THAT(ListAll(""), IsEmpty());
  EXPECT_THAT(ListAll("a/b/"), IsEmpty());
  EXPECT_TRUE(Delete({"a"}).ok());
  EXPECT_TRUE(store().DropAbandonedWrites(ObjectPath(""), Duration::zero(), call_).ok());
}

}  // namespace sleeper::store
