#include "sleeper/collect/sweep_policy.h"

namespace sleeper::collect {

SweepPolicy SweepPolicy::From(const model::Properties& properties) {
  return {.age = properties.Get(model::property::kSweepAge),
          .job_memory = properties.Get(model::property::kJobMemory),
          .extent = SweepExtent::kWhole};
}

}  // namespace sleeper::collect
