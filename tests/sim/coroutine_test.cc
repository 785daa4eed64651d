#include "tests/sim/coroutine.h"

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sleeper::sim {
namespace {

using testing::ElementsAre;

TEST(Coroutine, RunsOnlyInsideResume) {
  std::vector<std::string> said;
  std::unique_ptr<Coroutine> coroutine;
  coroutine = std::make_unique<Coroutine>([&] {
    said.push_back("one");
    coroutine->Suspend();
    said.push_back("two");
  });
  EXPECT_THAT(said, ElementsAre());
  coroutine->Resume();
  said.push_back("between");
  EXPECT_FALSE(coroutine->done());
  coroutine->Resume();
  EXPECT_TRUE(coroutine->done());
  EXPECT_THAT(said, ElementsAre("one", "between", "two"));
}

TEST(Coroutine, ManyInterleaveAndKeepTheirLocals) {
  std::vector<std::unique_ptr<Coroutine>> all;
  std::vector<std::string> said;
  for (int i = 0; i < 100; ++i) {
    all.push_back(std::make_unique<Coroutine>([&all, &said, i] {
      std::string local = "coroutine " + std::to_string(i);
      for (int round = 0; round < 3; ++round) {
        said.push_back(local + " round " + std::to_string(round));
        all[i]->Suspend();
      }
    }));
  }
  for (int round = 0; round < 4; ++round) {
    for (auto& coroutine : all) coroutine->Resume();
  }
  for (auto& coroutine : all) EXPECT_TRUE(coroutine->done());
  EXPECT_EQ(said.size(), 300u);
  EXPECT_EQ(said[0], "coroutine 0 round 0");
  EXPECT_EQ(said[101], "coroutine 1 round 1");
  EXPECT_EQ(said[299], "coroutine 99 round 2");
}

TEST(Coroutine, StacksAreUsedAgain) {
  for (int i = 0; i < 1000; ++i) {
    Coroutine coroutine([i] {
      std::string text(1000, static_cast<char>('a' + i % 26));
      ASSERT_EQ(text[999], 'a' + i % 26);
    });
    coroutine.Resume();
  }
}

TEST(Coroutine, ReleasesWhatItsBodyHolds) {
  auto held = std::make_shared<int>(1);
  Coroutine ended([held] {});
  Coroutine never_started([held] {});
  EXPECT_EQ(held.use_count(), 3);
  ended.Resume();
  EXPECT_EQ(held.use_count(), 2);
}

// Libraries that the product uses throw; each stack must see its own exceptions, also when it stops in a handler.
TEST(Coroutine, ExceptionsBelongToTheirStack) {
  std::vector<std::string> caught;
  std::unique_ptr<Coroutine> first;
  std::unique_ptr<Coroutine> second;
  auto body = [&caught](const char* text, std::unique_ptr<Coroutine>* self) {
    try {
      static_cast<void>(std::stoi(text));
    } catch (const std::exception&) {
      (*self)->Suspend();
      try {
        std::rethrow_exception(std::current_exception());
      } catch (const std::exception& again) {
        (*self)->Suspend();
        caught.push_back(typeid(again).name());
      }
    }
  };
  first = std::make_unique<Coroutine>([&] { body("not a number", &first); });
  second = std::make_unique<Coroutine>([&] { body("99999999999999999999", &second); });
  for (int round = 0; round < 3; ++round) {
    first->Resume();
    second->Resume();
    EXPECT_EQ(std::current_exception(), nullptr);
  }
  EXPECT_THAT(caught, ElementsAre(typeid(std::invalid_argument).name(), typeid(std::out_of_range).name()));
}

int Depth(int levels) {
  volatile char frame[256] = {};
  return levels == 0 ? frame[0] : Depth(levels - 1) + 1 + frame[255];
}

TEST(Coroutine, HasRoomForDeepCalls) {
  int reached = 0;
  Coroutine coroutine([&reached] { reached = Depth(400); });
  coroutine.Resume();
  EXPECT_EQ(reached, 400);
}

TEST(CoroutineDeathTest, CannotBeDroppedInTheMiddle) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        std::unique_ptr<Coroutine> coroutine;
        coroutine = std::make_unique<Coroutine>([&coroutine] { coroutine->Suspend(); });
        coroutine->Resume();
        coroutine.reset();
      },
      "dropped in the middle");
}

}  // namespace
}  // namespace sleeper::sim
