// Many writers race for the slots of some logs, as commits do, for a while: slot_race SECONDS WRITERS LOGS. The store,
// or several servers of the same store, come from the environment: SLEEPER_TEST_S3_ENDPOINT is a list with commas. A
// store that goes away and comes back meanwhile is none of the faults that are looked for.

#include <cstdlib>
#include <functional>
#include <iostream>

#include "sleeper/base/check.h"
#include "sleeper/base/task_group.h"
#include "tests/s3/s3_machine.h"
#include "tests/s3/slot_race.h"

namespace sleeper::store {
namespace {

/// A store that is away is asked again so soon.
constexpr Duration kPause = std::chrono::milliseconds(20);
constexpr Duration kPatience = std::chrono::minutes(2);

std::vector<std::string> Endpoints() {
  std::vector<std::string> endpoints;
  std::string text = Variable("SLEEPER_TEST_S3_ENDPOINT");
  for (size_t comma = text.find(','); comma != std::string::npos; comma = text.find(',')) {
    endpoints.push_back(text.substr(0, comma));
    text.erase(0, comma + 1);
  }
  endpoints.push_back(text);
  return endpoints;
}

/// A writer with connections of its own.
struct Racer {
  Racer(int number, const std::string& endpoint, const std::string& prefix, SlotLedger& ledger)
      : machine(endpoint, prefix),
        uploads(endpoint, prefix, SmallStreams::kUpload),
        racer("writer " + std::to_string(number), *machine.store, *uploads.store, ledger, machine.random) {}

  Machine machine;
  Machine uploads;
  SlotRacer racer;
};

SlotRaceFigures& operator+=(SlotRaceFigures& sum, const SlotRaceFigures& figures) {
  sum.created += figures.created;
  sum.lost += figures.lost;
  sum.unknown += figures.unknown;
  sum.failed += figures.failed;
  sum.listings += figures.listings;
  sum.reads += figures.reads;
  sum.deleted += figures.deleted;
  sum.uploads += figures.uploads;
  return sum;
}

/// Many racers, some to each log.
class Race {
 public:
  Race(int writers, int logs) {
    const std::vector<std::string> endpoints = Endpoints();
    const std::string prefix = "race/" + SystemRandom().Hex(16) + "/";
    for (int i = 0; i < logs; ++i) ledgers_.push_back(std::make_unique<SlotLedger>());
    for (int i = 0; i < writers; ++i) {
      const auto at = static_cast<size_t>(i);
      const size_t log = at % ledgers_.size();
      racers_.push_back(
          std::make_unique<Racer>(i, endpoints[at % endpoints.size()], prefix + std::to_string(log), *ledgers_[log]));
    }
  }

  void Run(Duration time) {
    const Instant end = clock_.MonotonicNow() + time;
    TaskGroup group(executor_);
    for (const auto& racer : racers_) {
      group.RunStage([&]() -> Status {
        while (clock_.MonotonicNow() < end && Faults().empty()) {
          if (!racer->racer.Step()) executor_.SleepUntil(clock_.MonotonicNow() + kPause);
        }
        return Status::OK();
      });
    }
    SLEEPER_CHECK(group.Join().ok(), "steps do not fail");
  }

  /// Everything once more, as soon as the store answers.
  void CheckAll() {
    for (size_t i = 0; i < racers_.size(); ++i) {
      SlotRacer& racer = racers_[i]->racer;
      Status status = Patiently([&] { return racer.CheckUploads(); });
      if (status.ok() && i < ledgers_.size()) status = Patiently([&] { return racer.CheckSlots(); });
      if (!status.ok()) ledgers_[i % ledgers_.size()]->Fail(status.ToString());
    }
  }

  SlotRaceFigures Figures() const {
    SlotRaceFigures sum;
    for (const auto& racer : racers_) sum += racer->racer.figures();
    return sum;
  }

  std::vector<std::string> Faults() const {
    std::vector<std::string> all;
    for (const auto& ledger : ledgers_) {
      const std::vector<std::string> faults = ledger->faults();
      all.insert(all.end(), faults.begin(), faults.end());
    }
    return all;
  }

 private:
  Status Patiently(const std::function<Status()>& check) {
    const Instant give_up = clock_.MonotonicNow() + kPatience;
    Status status = check();
    while (!status.ok() && clock_.MonotonicNow() < give_up) {
      executor_.SleepUntil(clock_.MonotonicNow() + kPause);
      status = check();
    }
    return status;
  }

  SystemClock clock_;
  ThreadExecutor executor_{1, clock_};
  std::vector<std::unique_ptr<SlotLedger>> ledgers_;
  std::vector<std::unique_ptr<Racer>> racers_;
};

int Main(int seconds, int writers, int logs) {
  Race race(writers, logs);
  race.Run(std::chrono::seconds(seconds));
  race.CheckAll();
  std::cout << race.Figures() << '\n';
  const std::vector<std::string> faults = race.Faults();
  for (const std::string& fault : faults) std::cout << "FAULT: " << fault << '\n';
  return faults.empty() ? 0 : 1;
}

}  // namespace
}  // namespace sleeper::store

int main(int argc, char** argv) {
  if (argc != 4 || std::atoi(argv[2]) < 1 || std::atoi(argv[3]) < 1) {
    std::cerr << "usage: slot_race SECONDS WRITERS LOGS\n";
    return 2;
  }
  return sleeper::store::Main(std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]));
}
