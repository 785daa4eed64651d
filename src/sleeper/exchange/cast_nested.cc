#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include <arrow/array/concatenate.h>

#include "sleeper/columnar/arrow_types.h"
#include "sleeper/exchange/cast_kernels.h"

namespace sleeper::exchange {
namespace {

// Elements of the child array that follow one another.
struct Run {
  int64_t begin = 0;
  int64_t end = 0;
};

// Where the elements of each list end, counted without those under null lists: these mean nothing, and may be anything.
// `runs` are where the others are.
struct ListEnds {
  std::vector<int32_t> ends;
  std::vector<Run> runs;
};

template <typename Lists>
Result<ListEnds> EndsOf(const Lists& lists) {
  ListEnds result;
  result.ends.reserve(static_cast<size_t>(lists.length()));
  int64_t count = 0;
  for (int64_t i = 0; i < lists.length(); ++i) {
    const Run list{lists.value_offset(i), lists.value_offset(i + 1)};
    if (list.begin < list.end && lists.IsValid(i)) {
      count += list.end - list.begin;
      if (count > std::numeric_limits<int32_t>::max()) {
        return Error(ErrorKind::kExhausted, "the lists of one batch of rows have more than 2,147,483,647 elements");
      }
      if (!result.runs.empty() && result.runs.back().end == list.begin) {
        result.runs.back().end = list.end;
      } else {
        result.runs.push_back(list);
      }
    }
    result.ends.push_back(static_cast<int32_t>(count));
  }
  return result;
}

// The elements of the lists that are not null, one after the other; copied only if something is left out between them.
ArrayResult ElementsOf(const ListEnds& lists, const arrow::Array& all) {
  if (lists.runs.empty()) return all.Slice(0, 0);
  arrow::ArrayVector pieces;
  pieces.reserve(lists.runs.size());
  for (const Run& run : lists.runs) pieces.push_back(all.Slice(run.begin, run.end - run.begin));
  return pieces.size() == 1 ? pieces.front() : ArrayResult(arrow::Concatenate(pieces));
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
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> elements, ElementsOf(lists.ends, *lists.elements));
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> cast,
             CastValues(elements, to.element(), PlaceOfElements(place, lists.ends)));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> offsets, OffsetsOf(lists.ends));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> validity, ValidityOf(values));
  return std::make_shared<arrow::ListArray>(columnar::ToArrow(to), values.length(), std::move(offsets), cast,
                                            std::move(validity), values.null_count());
}

ArrayResult CastToMap(const arrow::Array& values, const model::Type& to, const CastPlace& place) {
  const auto& maps = static_cast<const arrow::MapArray&>(values);
  TRY_ASSIGN(const ListEnds ends, EndsOf(maps));
  const CastPlace inside = PlaceOfElements(place, ends);
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> foreign_keys, ElementsOf(ends, *maps.keys()));
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> keys, CastValues(foreign_keys, to.element(), inside));
  for (int64_t i = 0; keys->null_count() > 0 && i < keys->length(); ++i) {
    if (keys->IsNull(i)) return inside.Refuse(*keys, i, "a key of a map cannot be null");
  }
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> foreign_items, ElementsOf(ends, *maps.items()));
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> items, CastValues(foreign_items, to.value(), inside));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> offsets, OffsetsOf(ends));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> validity, ValidityOf(values));
  return std::make_shared<arrow::MapArray>(columnar::ToArrow(to), values.length(), std::move(offsets), keys, items,
                                           std::move(validity), values.null_count());
}

}  // namespace sleeper::exchange
