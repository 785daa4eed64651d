#include "bench/commit/s3_like_store.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace sleeper {

Duration S3LikeStore::Draw(Duration median) {
  // Two uniform numbers make a normal one (Box and Muller).
  const double radius = std::sqrt(-2 * std::log(1 - random_.Fraction()));
  const double normal = radius * std::cos(2 * std::numbers::pi * random_.Fraction());
  return Duration(static_cast<int64_t>(static_cast<double>(median.count()) * std::exp(times_.spread * normal)));
}

template <typename Request>
auto S3LikeStore::TakeTime(Duration median, const Request& request) -> decltype(request()) {
  ++requests_;
  const Duration whole = Draw(median);
  const Duration until_effect(static_cast<int64_t>(static_cast<double>(whole.count()) * random_.Fraction()));
  let_pass_(until_effect);
  auto answer = request();
  let_pass_(whole - until_effect);
  return answer;
}

Result<store::Object> S3LikeStore::Get(const store::ObjectPath& path, const CallContext& call) {
  return TakeTime(times_.read_median, [&] { return inner().Get(path, call); });
}

Result<store::PutOutcome> S3LikeStore::Put(const store::ObjectPath& path, Buffer bytes, store::PutMode mode,
                                           const CallContext& call) {
  return TakeTime(times_.put_median, [&] { return inner().Put(path, std::move(bytes), mode, call); });
}

Result<store::ListPage> S3LikeStore::List(const store::ObjectPath& prefix, const store::ObjectPath& after, int keys_max,
                                          const CallContext& call) {
  return TakeTime(times_.read_median, [&] { return inner().List(prefix, after, keys_max, call); });
}

}  // namespace sleeper
