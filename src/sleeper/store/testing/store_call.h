#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/store/object_store.h"

namespace sleeper::store {

/// The functions of ObjectStore and ObjectWriter.
enum class StoreFunction {
  kGet,
  kGetRange,
  kGetRanges,
  kPut,
  kOpenWriter,
  kAppend,
  kFinish,
  kHead,
  kList,
  kDelete,
  kDropAbandonedWrites,
};

std::string_view FunctionName(StoreFunction function);

/// True of the functions that may make an object visible or remove one.
bool ChangesObjects(StoreFunction function);

/// One call of a store, as tests look at it and choose it.
struct StoreCall {
  StoreFunction function = StoreFunction::kGet;
  /// The object; the first one of Delete; the prefix of a listing.
  ObjectPath path;
  std::string caller;
  /// What was asked for: the ranges of a read.
  std::vector<ByteRange> ranges;
  /// What was handed over: the bytes of Put and Append, the number of objects of Delete, the keys_max of List.
  int64_t amount = 0;

  friend bool operator==(const StoreCall&, const StoreCall&) = default;
};

/// "get_range tables/1/data [0, 100) by query".
std::string ToString(const StoreCall& call);
std::ostream& operator<<(std::ostream& out, const StoreCall& call);

}  // namespace sleeper::store
