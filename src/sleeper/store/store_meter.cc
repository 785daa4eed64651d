#include "sleeper/store/store_meter.h"

#include <algorithm>
#include <numeric>

namespace sleeper::store {
namespace {

/// Callers are literals of our own, so there are few; more are counted together.
constexpr size_t kCallersMax = 256;
constexpr std::string_view kOtherCallers = "others";

}  // namespace

std::string_view VerbName(Verb verb) {
  constexpr std::array<std::string_view, kVerbs> kNames = {"get", "put", "list", "head", "delete"};
  return kNames[static_cast<size_t>(verb)];
}

int64_t VerbCounts::total() const { return std::accumulate(counts.begin(), counts.end(), int64_t{0}); }

RequestPrices FreeRequests() { return {}; }

RequestPrices S3StandardPrices() {
  constexpr double kRead = 0.0004 / 1000;
  constexpr double kWrite = 0.005 / 1000;
  return {{/*get=*/kRead, /*put=*/kWrite, /*list=*/kWrite, /*head=*/kRead, /*delete=*/0}};
}

double StoreUsage::dollars(const RequestPrices& prices) const {
  return std::inner_product(requests.counts.begin(), requests.counts.end(), prices.dollars.begin(), 0.0);
}

StoreUsage& StoreMeter::UsageOf(std::string_view caller) {
  if (const auto found = by_caller_.find(caller); found != by_caller_.end()) return found->second;
  if (by_caller_.size() >= kCallersMax) caller = kOtherCallers;
  return by_caller_[std::string(caller)];
}

StoreMeter::Request StoreMeter::Start(Verb verb, std::string_view caller, int64_t count) {
  MutexLock lock(mutex_);
  const int64_t wave = IsRead(verb) ? wave_ended_ + 1 : 0;
  for (StoreUsage* usage : {&total_, &UsageOf(caller)}) {
    usage->requests[verb] += count;
    usage->get_waves = std::max(usage->get_waves, wave);
  }
  return {verb, caller, wave};
}

void StoreMeter::End(const Request& request, int64_t bytes) {
  MutexLock lock(mutex_);
  wave_ended_ = std::max(wave_ended_, request.wave);
  for (StoreUsage* usage : {&total_, &UsageOf(request.caller)}) {
    (IsRead(request.verb) ? usage->bytes_read : usage->bytes_written) += bytes;
  }
}

StoreUsage StoreMeter::total() const {
  MutexLock lock(mutex_);
  return total_;
}

std::map<std::string, StoreUsage, std::less<>> StoreMeter::by_caller() const {
  MutexLock lock(mutex_);
  return by_caller_;
}

}  // namespace sleeper::store
