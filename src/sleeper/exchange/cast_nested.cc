#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "sleeper/columnar/arrow_types.h"
#include "sleeper/exchange/cast_kernels.h"

namespace sleeper::exchange {
namespace {

// Where the elements of each list end, counted from the first list's start, which is element `start` of the child
// array.
struct ListEnds {
  int64_t start = 0;
  std::vector<int32_t> ends;

  int64_t count() const { return ends.empty() ? 0 : ends.back(); }
};

template <typename Lists>
Result<ListEnds> EndsOf(const Lists& lists) {
  ListEnds result;
  if (lists.length() == 0) return result;
  result.start = lists.value_offset(0);
  if (lists.value_offset(lists.length()) - result.start > std::numeric_limits<int32_t>::max()) {
    return Error(ErrorKind::kExhausted, "the lists of one batch of rows have more than 2,147,483,647 elements");
  }
  result.ends.reserve(static_cast<size_t>(lists.length()));
  for (int64_t i = 0; i < lists.length(); ++i) {
    result.ends.push_back(static_cast<int32_t>(lists.value_offset(i + 1) - result.start));
  }
  return result;
}

CastPlace PlaceOfElements(const CastPlace& place, const ListEnds& lists) {
  return place.Inside([&lists](int64_t element) {
    return std::upper_bound(lists.ends.begin(), lists.ends.end(), element) - lists.ends.begin();
  });
}

Result<std::shared_ptr<arrow::Buffer>> OffsetsOf(const ListEnds& lists) {
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> offsets,
             arrow::AllocateBuffer(static_cast<int64_t>((lists.ends.size() + 1) * sizeof(int32_t))));
  auto* target = reinterpret_cast<int32_t*>(offsets->mutable_data());
  target[0] = 0;
  std::copy(lists.ends.begin(), lists.ends.end(), target + 1);
  return offsets;
}

struct Lists {
  ListEnds ends;
  std::shared_ptr<arrow::Array> elements;
};

Result<Lists> ListsOf(const arrow::Array& values) {
  switch (values.type_id()) {
    case arrow::Type::LIST: {
      const auto& lists = static_cast<const arrow::ListArray&>(values);
      TRY_ASSIGN(ListEnds ends, EndsOf(lists));
      return Lists{std::move(ends), lists.values()};
    }
    case arrow::Type::LARGE_LIST: {
      const auto& lists = static_cast<const arrow::LargeListArray&>(values);
      TRY_ASSIGN(ListEnds ends, EndsOf(lists));
      return Lists{std::move(ends), lists.values()};
    }
    default: {
      const auto& lists = static_cast<const arrow::FixedSizeListArray&>(values);
      TRY_ASSIGN(ListEnds ends, EndsOf(lists));
      return Lists{std::move(ends), lists.values()};
    }
  }
}

}  // namespace

ArrayResult CastToList(const arrow::Array& values, const model::Type& to, const CastPlace& place) {
  TRY_ASSIGN(const Lists lists, ListsOf(values));
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> elements,
             CastValues(lists.elements->Slice(lists.ends.start, lists.ends.count()), to.element(),
                        PlaceOfElements(place, lists.ends)));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> offsets, OffsetsOf(lists.ends));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> validity, ValidityOf(values));
  return std::make_shared<arrow::ListArray>(columnar::ToArrow(to), values.length(), std::move(offsets), elements,
                                            std::move(validity), values.null_count());
}

ArrayResult CastToMap(const arrow::Array& values, const model::Type& to, const CastPlace& place) {
  const auto& maps = static_cast<const arrow::MapArray&>(values);
  TRY_ASSIGN(const ListEnds ends, EndsOf(maps));
  const CastPlace inside = PlaceOfElements(place, ends);
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> keys,
             CastValues(maps.keys()->Slice(ends.start, ends.count()), to.element(), inside));
  for (int64_t i = 0; keys->null_count() > 0 && i < keys->length(); ++i) {
    if (keys->IsNull(i)) return inside.Refuse(*keys, i, "a key of a map cannot be null");
  }
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> items,
             CastValues(maps.items()->Slice(ends.start, ends.count()), to.value(), inside));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> offsets, OffsetsOf(ends));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> validity, ValidityOf(values));
  return std::make_shared<arrow::MapArray>(columnar::ToArrow(to), values.length(), std::move(offsets), keys, items,
                                           std::move(validity), values.null_count());
}

}  // namespace sleeper::exchange
