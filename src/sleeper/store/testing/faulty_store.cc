#include "sleeper/store/testing/faulty_store.h"

#include <utility>

namespace sleeper::store {
namespace {

bool Matches(const FaultRule& rule, const StoreCall& call) {
  return (!rule.function || *rule.function == call.function) && call.path.value().starts_with(rule.path_prefix) &&
         (rule.caller.empty() || rule.caller == call.caller);
}

bool IsRead(StoreFunction function) {
  return function == StoreFunction::kGet || function == StoreFunction::kGetRange ||
         function == StoreFunction::kGetRanges;
}

/// True if a fault of this kind can happen to the function.
bool CanHappen(FaultKind kind, StoreFunction function) {
  if (kind == FaultKind::kTruncatedBody) return IsRead(function);
  return kind != FaultKind::kLatePut || function == StoreFunction::kPut;
}

}  // namespace

void FaultyStore::AddRule(const FaultRule& rule) {
  SLEEPER_CHECK(rule.probability >= 1 || random_ != nullptr, "a rule with a probability needs a source of chance");
  MutexLock lock(mutex_);
  rules_.push_back({rule});
}

void FaultyStore::ClearRules() {
  MutexLock lock(mutex_);
  rules_.clear();
}

void FaultyStore::KillAfter(int64_t calls) {
  MutexLock lock(mutex_);
  calls_until_death_ = calls;
}

void FaultyStore::Revive() {
  MutexLock lock(mutex_);
  calls_until_death_ = INT64_MAX;
}

Status FaultyStore::LandLatePuts() {
  std::vector<LatePut> late_puts;
  {
    MutexLock lock(mutex_);
    late_puts.swap(late_puts_);
  }
  for (LatePut& put : late_puts)
    TRY(inner().Put(put.path, std::move(put.bytes), put.mode, {.caller = "late"}).status());
  return Status::OK();
}

int64_t FaultyStore::calls() const {
  MutexLock lock(mutex_);
  return calls_;
}

int64_t FaultyStore::faults() const {
  MutexLock lock(mutex_);
  return faults_;
}

std::optional<Status> FaultyStore::Fire(FaultKind kind, const StoreCall& call) {
  MutexLock lock(mutex_);
  for (ArmedRule& armed : rules_) {
    const FaultRule& rule = armed.rule;
    if (rule.kind != kind || !CanHappen(kind, call.function) || !Matches(rule, call)) continue;
    ++armed.matched;
    if (armed.matched < rule.first || armed.matched - rule.first >= rule.count) continue;
    if (rule.probability < 1 && random_->Fraction() >= rule.probability) continue;
    ++faults_;
    return Error(rule.error, "fault by rule: ", ToString(call));
  }
  return std::nullopt;
}

Status FaultyStore::Before(const StoreCall& call) {
  {
    MutexLock lock(mutex_);
    ++calls_;
    if (calls_until_death_ == 0) return Error(ErrorKind::kUnavailable, "the process was killed: ", ToString(call));
    if (calls_until_death_ != INT64_MAX) --calls_until_death_;
  }
  return Fire(FaultKind::kErrorBefore, call).value_or(Status::OK());
}

Status FaultyStore::After(const StoreCall& call, const Status& answer) {
  return Fire(FaultKind::kErrorAfter, call).value_or(answer);
}

Buffer FaultyStore::AfterRead(const StoreCall& call, Buffer bytes) {
  if (!Fire(FaultKind::kTruncatedBody, call)) return bytes;
  return bytes.Slice({0, bytes.size() / 2});
}

void FaultyStore::AfterWriter(std::unique_ptr<ObjectWriter> writer) {
  MutexLock lock(mutex_);
  if (calls_until_death_ == 0) orphans_.push_back(std::move(writer));
}

Result<PutOutcome> FaultyStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  const StoreCall store_call{StoreFunction::kPut, path, std::string(call.caller), {}, bytes.size()};
  if (const std::optional<Status> late = Fire(FaultKind::kLatePut, store_call)) {
    TRY(Before(store_call));
    MutexLock lock(mutex_);
    late_puts_.push_back({path, std::move(bytes), mode});
    return *late;
  }
  return InterceptingStore::Put(path, std::move(bytes), mode, call);
}

}  // namespace sleeper::store
