#include "sleeper/ingest/registration.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sleeper::ingest {
namespace {

/// Of the sweep's age: what an ingest may take, and a table rest, without a registration.
constexpr int kAgeParts = 4;
/// Registrations do not follow one another faster, however short the age is.
constexpr Duration kIntervalMin = std::chrono::minutes(1);
/// A failed ingest does not wait longer for its registration to end.
constexpr Duration kGiveUpTimeMax = std::chrono::seconds(10);
constexpr int kIdDigits = 16;

state::Transaction EndOf(const model::JobId& registration, const IngestSpec& spec) {
  return state::ReleaseJobs{
      {{registration, state::JobResult::kReleased, "ingest job " + spec.job.value() + " needs it no longer"}}};
}

}  // namespace

Duration Registration::interval() const { return std::max(spec_.sweep_age / kAgeParts, kIntervalMin); }

Status Registration::FileIsBorn(const state::DatedState<state::TableState>& newest, const CallContext& call) {
  if (earliest_birth_) return KeepAlive(newest, call);
  earliest_birth_ = newest.state->number();
  // Clocks may differ: an entry of the future is not trusted either.
  const Duration rest = std::chrono::abs(executor_.clock().Now() - newest.written);
  return rest < spec_.sweep_age / kAgeParts ? KeepAlive(newest, call) : Register(call);
}

bool Registration::is_due() const { return executor_.clock().MonotonicNow() - since_ >= interval(); }

Status Registration::KeepAlive(const state::DatedState<state::TableState>& newest, const CallContext& call) {
  if (!is_due()) return Status::OK();
  if (!earliest_birth_) earliest_birth_ = newest.state->number();
  return Register(call);
}

Status Registration::Register(const CallContext& call) {
  // An id of its own: a job that is repeated under its id must not meet the registration of an attempt that died.
  const model::JobId id("registration-" + random_.Hex(kIdDigits));
  std::vector<state::Transaction> transactions;
  transactions.push_back(state::RegisterJobs{{{.id = id,
                                               .kind = state::JobKind::kIngest,
                                               .spec_hash = spec_.spec_hash,
                                               .shape_hash = spec_.shape_hash,
                                               .earliest_birth = *earliest_birth_,
                                               .inputs = {},
                                               .inbox = {},
                                               .specification = "ingest job " + spec_.job.value()}}});
  if (registered_as_) transactions.push_back(EndOf(*registered_as_, spec_));
  const Result<state::CommitOutcome> committed = committer_.Commit(std::move(transactions), call);
  if (IsKind(committed.status(), ErrorKind::kOutcomeUnknown)) {
    return WithHint(WithContext(committed.status(), "it is not known whether the ingest was registered, and it ended"),
                    "run it again with job id " + spec_.job.value());
  }
  TRY(committed.status());
  if (committed->outcomes.front().refused()) {
    return WithContext(committed->outcomes.front().refusal, "the ingest cannot go on");
  }
  registered_as_ = id;
  since_ = executor_.clock().MonotonicNow();
  return Status::OK();
}

std::optional<state::Transaction> Registration::Ending() const {
  if (!registered_as_) return std::nullopt;
  return EndOf(*registered_as_, spec_);
}

void Registration::GiveUp(const CallContext& call) {
  if (!registered_as_) return;
  CallContext own = call;
  own.cancellation = nullptr;
  own.deadline = executor_.clock().MonotonicNow() + kGiveUpTimeMax;
  (void)committer_.Commit(EndOf(*registered_as_, spec_), own).ok();
}

}  // namespace sleeper::ingest
