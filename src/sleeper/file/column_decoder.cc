#include "sleeper/file/column_decoder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include <arrow/type.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/arrow_types.h"
#include "sleeper/columnar/validity_builder.h"
#include "sleeper/file/value_sink.h"

namespace sleeper::file {
namespace {

/// Calls `use` with the rows [begin, begin + rows) of a leaf, page by page.
template <typename Use>
Status ForRows(LeafReader& leaf, int64_t begin, int64_t rows, Use use) {
  while (rows > 0) {
    TRY_ASSIGN(const LeafReader::Rows read, leaf.Read(begin, rows));
    TRY(use(read));
    begin += read.count;
    rows -= read.count;
  }
  return Status::OK();
}

/// A field of one leaf without repetition: a value is a row.
class FlatDecoder final : public ColumnDecoder {
 public:
  FlatDecoder(const model::Field& field, const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : type_(columnar::ToArrow(field.type)), sink_(ValueSink::Make(PhysicalTypeOf(field.type.kind()), recycler)) {}

  void Start(std::vector<LeafReader> leaves) override { leaf_.emplace(std::move(leaves.front())); }

  Status Read(int64_t begin, int64_t rows) override {
    return ForRows(*leaf_, begin, rows, [&](const LeafReader::Rows& read) {
      return sink_->Append(read.page->values(), read.begin, read.count);
    });
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override { return sink_->Finish(type_); }

 private:
  std::shared_ptr<arrow::DataType> type_;
  std::unique_ptr<ValueSink> sink_;
  std::optional<LeafReader> leaf_;
};

/// A leaf below a list or a map's entries, decoded as lists of its values.
class RepeatedLeaf {
 public:
  RepeatedLeaf(model::TypeKind kind, const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : list_type_(columnar::ToArrow(model::Type::List(kind))),
        elements_(ValueSink::Make(PhysicalTypeOf(kind), recycler)),
        validity_(recycler),
        offsets_(recycler) {}

  void Start(LeafReader leaf) { leaf_.emplace(std::move(leaf)); }

  Status Read(int64_t begin, int64_t rows) {
    return ForRows(*leaf_, begin, rows, [&](const LeafReader::Rows& read) { return Append(read); });
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() {
    TRY(ReserveOffsets(0));
    TRY_ASSIGN(auto elements, elements_->Finish(list_type_->field(0)->type()));
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto offsets, offsets_.Finish());
    end_ = 0;
    return arrow::ArrayData::Make(list_type_, validity.rows, {std::move(validity.bitmap), std::move(offsets)},
                                  {std::move(elements)}, validity.nulls);
  }

 private:
  Status ReserveOffsets(int64_t count) {
    TRY(offsets_.Reserve(count + 1));
    if (offsets_.size() == 0) offsets_.Push(0);
    return Status::OK();
  }

  Status Append(const LeafReader::Rows& read) {
    const uint32_t* const offsets = read.page->row_offsets() + read.begin;
    const int64_t elements = offsets[read.count] - offsets[0];
    if (end_ + elements > std::numeric_limits<int32_t>::max()) {
      return Error(ErrorKind::kInvalid, "one column of one batch has too many elements: ask for fewer rows at a time");
    }
    TRY(ReserveOffsets(read.count));
    const int64_t shift = end_ - int64_t{offsets[0]};
    for (int64_t i = 1; i <= read.count; ++i) offsets_.Push(static_cast<int32_t>(offsets[i] + shift));
    end_ += elements;
    TRY(AppendValidity(read));
    return elements_->Append(read.page->values(), offsets[0], elements);
  }

  Status AppendValidity(const LeafReader::Rows& read) {
    if (read.page->valid_rows() == nullptr) return validity_.AppendValid(read.count);
    const std::span valid(read.page->valid_rows() + read.begin, static_cast<size_t>(read.count));
    return validity_.AppendBytes(valid, std::count(valid.begin(), valid.end(), 0));
  }

  std::shared_ptr<arrow::DataType> list_type_;
  std::optional<LeafReader> leaf_;
  std::unique_ptr<ValueSink> elements_;
  columnar::ValidityBuilder validity_;
  columnar::GrowingBuffer<int32_t> offsets_;
  int64_t end_ = 0;
};

class ListDecoder final : public ColumnDecoder {
 public:
  ListDecoder(const model::Field& field, const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : elements_(field.type.element(), recycler) {}

  void Start(std::vector<LeafReader> leaves) override { elements_.Start(std::move(leaves.front())); }
  Status Read(int64_t begin, int64_t rows) override { return elements_.Read(begin, rows); }
  Result<std::shared_ptr<arrow::ArrayData>> Finish() override { return elements_.Finish(); }

 private:
  RepeatedLeaf elements_;
};

/// Two leaves whose lists must agree.
class MapDecoder final : public ColumnDecoder {
 public:
  MapDecoder(const model::Field& field, const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : type_(columnar::ToArrow(field.type)),
        keys_(field.type.element(), recycler),
        values_(field.type.value(), recycler) {}

  void Start(std::vector<LeafReader> leaves) override {
    keys_.Start(std::move(leaves[0]));
    values_.Start(std::move(leaves[1]));
  }

  Status Read(int64_t begin, int64_t rows) override {
    TRY(keys_.Read(begin, rows));
    return values_.Read(begin, rows);
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override {
    TRY_ASSIGN(const auto keys, keys_.Finish());
    TRY_ASSIGN(const auto values, values_.Finish());
    const size_t offset_bytes = static_cast<size_t>(keys->length + 1) * sizeof(int32_t);
    if (keys->length != values->length ||
        std::memcmp(keys->buffers[1]->data(), values->buffers[1]->data(), offset_bytes) != 0) {
      return Error(ErrorKind::kCorrupt, "the keys and the values of a map column differ in number");
    }
    const int64_t entries = keys->child_data[0]->length;
    auto pairs = arrow::ArrayData::Make(type_->field(0)->type(), entries, {nullptr},
                                        {keys->child_data[0], values->child_data[0]}, /*null_count=*/0);
    return arrow::ArrayData::Make(type_, keys->length, keys->buffers, {std::move(pairs)}, keys->GetNullCount());
  }

 private:
  std::shared_ptr<arrow::DataType> type_;
  RepeatedLeaf keys_;
  RepeatedLeaf values_;
};

}  // namespace

std::unique_ptr<ColumnDecoder> ColumnDecoder::Make(const model::Field& field,
                                                   const std::shared_ptr<columnar::BufferRecycler>& recycler) {
  if (field.type.kind() == model::TypeKind::kList) return std::make_unique<ListDecoder>(field, recycler);
  if (field.type.kind() == model::TypeKind::kMap) return std::make_unique<MapDecoder>(field, recycler);
  return std::make_unique<FlatDecoder>(field, recycler);
}

}  // namespace sleeper::file
