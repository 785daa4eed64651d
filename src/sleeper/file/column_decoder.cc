#include "sleeper/file/column_decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <arrow/type.h>
#include <parquet/column_reader.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/arrow_types.h"
#include "sleeper/columnar/gather_column.h"
#include "sleeper/file/parquet_schema.h"
#include "sleeper/file/value_sink.h"

namespace sleeper::file {
namespace {

/// Values that are decoded at a time: what is between libparquet and our arrays stays in the first-level cache.
constexpr int64_t kValuesMax = 1024;

Status TooFewRows() { return Error(ErrorKind::kCorrupt, "a column has fewer rows than the index says"); }

/// kCorrupt if levels promise another number of values than were decoded.
Status CheckValueCount(std::span<const uint8_t> valid, size_t values) {
  if (static_cast<size_t>(std::count(valid.begin(), valid.end(), 1)) == values) return Status::OK();
  return Error(ErrorKind::kCorrupt, "a page's levels and its values differ in number");
}

/// What libparquet decodes into: levels and dense values of one leaf.
template <typename Leaf>
class LeafBatch {
 public:
  using Value = typename Leaf::c_type;
  using Reader = parquet::TypedColumnReader<Leaf>;

  LeafBatch() : values_(std::make_unique<Value[]>(kValuesMax)) {}

  /// Reads at most `count_max` values (with levels, if there are any). 0 at the end of the pages.
  int64_t Read(Reader& reader, int64_t count_max) {
    const auto room = static_cast<size_t>(kValuesMax);
    definition_levels_.resize(room);
    repetition_levels_.resize(room);
    int64_t values = 0;
    count_ = reader.ReadBatch(std::min(count_max, kValuesMax), definition_levels_.data(), repetition_levels_.data(),
                              values_.get(), &values);
    value_count_ = values;
    return count_;
  }

  std::span<const int16_t> definition_levels() const {
    return {definition_levels_.data(), static_cast<size_t>(count_)};
  }
  std::span<const int16_t> repetition_levels() const {
    return {repetition_levels_.data(), static_cast<size_t>(count_)};
  }
  std::span<const Value> values() const { return {values_.get(), static_cast<size_t>(value_count_)}; }

 private:
  std::unique_ptr<Value[]> values_;
  std::vector<int16_t> definition_levels_;
  std::vector<int16_t> repetition_levels_;
  int64_t count_ = 0;
  int64_t value_count_ = 0;
};

/// A field of one leaf without repetition: a value is a row.
template <typename Leaf>
class FlatDecoder final : public ColumnDecoder {
 public:
  FlatDecoder(const model::Field& field, const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : type_(columnar::ToArrow(field.type)), nullable_(field.nullable), sink_(recycler) {}

  void Start(std::vector<LeafSource> leaves) override {
    cursor_ = std::move(leaves.front().cursor);
    reader_ = std::static_pointer_cast<parquet::TypedColumnReader<Leaf>>(leaves.front().reader);
  }

  Status Read(int64_t begin, int64_t rows) override {
    const int64_t passed = cursor_.MoveTo(begin);
    if (passed > 0 && reader_->Skip(passed) != passed) return TooFewRows();
    cursor_.Passed(rows);
    while (rows > 0) {
      if (!reader_->HasNext()) return TooFewRows();
      TRY_ASSIGN(const int64_t read, nullable_ ? ReadNullable(rows) : ReadRequired(rows));
      if (read <= 0) return TooFewRows();
      rows -= read;
    }
    return Status::OK();
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override { return sink_.Finish(type_); }

 private:
  using Value = typename Leaf::c_type;
  static constexpr bool kInPlace = std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>;

  Result<int64_t> ReadRequired(int64_t rows) {
    if constexpr (kInPlace) {
      TRY_ASSIGN(Value* const place, sink_.Place(rows));
      int64_t values = 0;
      const int64_t read = reader_->ReadBatch(rows, nullptr, nullptr, place, &values);
      TRY(sink_.Advance(values));
      return read;
    } else {
      const int64_t read = batch_.Read(*reader_, rows);
      TRY(sink_.AppendDense(batch_.values()));
      return read;
    }
  }

  Result<int64_t> ReadNullable(int64_t rows) {
    const int64_t read = batch_.Read(*reader_, rows);
    if (static_cast<int64_t>(batch_.values().size()) == read) {
      TRY(sink_.AppendDense(batch_.values()));
      return read;
    }
    const std::span<const int16_t> levels = batch_.definition_levels();
    valid_.resize(levels.size());
    std::transform(levels.begin(), levels.end(), valid_.begin(),
                   [](int16_t level) { return static_cast<uint8_t>(level); });
    TRY(CheckValueCount(valid_, batch_.values().size()));
    TRY(sink_.AppendSpaced(valid_, batch_.values()));
    return read;
  }

  std::shared_ptr<arrow::DataType> type_;
  bool nullable_;
  ValueSink<Value> sink_;
  RowCursor cursor_;
  std::shared_ptr<parquet::TypedColumnReader<Leaf>> reader_;
  LeafBatch<Leaf> batch_;
  std::vector<uint8_t> valid_;
};

/// A leaf below a list or a map's entries, decoded as lists of its values.
class RepeatedLeaf {
 public:
  virtual ~RepeatedLeaf() = default;
  virtual void Start(LeafSource leaf) = 0;
  virtual Status Read(int64_t begin, int64_t rows) = 0;
  virtual Result<std::shared_ptr<arrow::ArrayData>> Finish() = 0;
};

template <typename Leaf>
class TypedRepeatedLeaf final : public RepeatedLeaf {
 public:
  /// `levels` are those of the list; elements that may be null have one level more.
  TypedRepeatedLeaf(NestedLevels levels, std::shared_ptr<arrow::DataType> list_type, bool element_nullable,
                    const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : levels_(levels),
        value_level_(static_cast<int16_t>(levels.present + (element_nullable ? 1 : 0))),
        list_type_(std::move(list_type)),
        elements_(recycler),
        validity_(recycler),
        offsets_(recycler),
        rows_(columnar::GatherColumn::Make(list_type_, recycler)) {}

  void Start(LeafSource leaf) override {
    leaf_ = std::move(leaf);
    page_.reset();
    page_next_ = 0;
  }

  Status Read(int64_t begin, int64_t rows) override {
    TRY(ForRows(leaf_.cursor.MoveTo(begin), [](int64_t, int64_t) { return Status::OK(); }));
    leaf_.cursor.Passed(rows);
    return ForRows(rows, [&](int64_t first, int64_t count) { return rows_->AppendRun(*page_, first, count); });
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override { return rows_->Finish(); }

 private:
  /// Calls `use` with the runs of decoded pages that the next `rows` rows are made of.
  template <typename Use>
  Status ForRows(int64_t rows, Use use) {
    while (rows > 0) {
      if (page_ == nullptr || page_next_ == page_->length) TRY(DecodePage());
      const int64_t count = std::min(rows, page_->length - page_next_);
      TRY(use(page_next_, count));
      page_next_ += count;
      rows -= count;
    }
    return Status::OK();
  }

  /// Decodes the next page, which holds whole rows.
  Status DecodePage() {
    auto& reader = static_cast<parquet::TypedColumnReader<Leaf>&>(*leaf_.reader);
    if (!reader.HasNext()) return TooFewRows();
    int64_t elements = 0;
    int64_t rows = 0;
    for (int64_t left = leaf_.pages->page_values(); left > 0;) {
      const int64_t read = batch_.Read(reader, left);
      if (read <= 0) return TooFewRows();
      left -= read;
      TRY(AddLevels(elements, rows));
    }
    TRY(offsets_.Reserve(1));
    offsets_.Push(static_cast<int32_t>(elements));
    if (rows != leaf_.pages->page_rows()) {
      return Error(ErrorKind::kCorrupt, "a page's levels make ", rows, " rows, expected ", leaf_.pages->page_rows());
    }
    TRY_ASSIGN(auto child, elements_.Finish(list_type_->field(0)->type()));
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto offsets, offsets_.Finish());
    page_ = arrow::ArrayData::Make(list_type_, rows, {std::move(validity.bitmap), std::move(offsets)},
                                   {std::move(child)}, validity.nulls);
    page_next_ = 0;
    return Status::OK();
  }

  Status AddLevels(int64_t& elements, int64_t& rows) {
    const std::span<const int16_t> definitions = batch_.definition_levels();
    const std::span<const int16_t> repetitions = batch_.repetition_levels();
    TRY(offsets_.Reserve(static_cast<int64_t>(definitions.size())));
    valid_elements_.clear();
    valid_rows_.clear();
    for (size_t i = 0; i < definitions.size(); ++i) {
      if (repetitions[i] == 0) {
        offsets_.Push(static_cast<int32_t>(elements));
        valid_rows_.push_back(definitions[i] >= levels_.empty ? 1 : 0);
        ++rows;
      }
      if (definitions[i] < levels_.present) continue;
      valid_elements_.push_back(definitions[i] == value_level_ ? 1 : 0);
      ++elements;
    }
    if (rows == 0) return Error(ErrorKind::kCorrupt, "a page begins inside a row");
    TRY(validity_.AppendBytes(valid_rows_, std::count(valid_rows_.begin(), valid_rows_.end(), 0)));
    TRY(CheckValueCount(valid_elements_, batch_.values().size()));
    return elements_.AppendSpaced(valid_elements_, batch_.values());
  }

  NestedLevels levels_;
  int16_t value_level_;
  std::shared_ptr<arrow::DataType> list_type_;
  LeafSource leaf_;
  LeafBatch<Leaf> batch_;
  std::vector<uint8_t> valid_elements_;
  std::vector<uint8_t> valid_rows_;
  /// The page that is being decoded.
  ValueSink<typename Leaf::c_type> elements_;
  columnar::ValidityBuilder validity_;
  columnar::GrowingBuffer<int32_t> offsets_;
  /// The page that rows are taken from, as an array of lists.
  std::shared_ptr<arrow::ArrayData> page_;
  int64_t page_next_ = 0;
  /// The rows taken.
  std::unique_ptr<columnar::GatherColumn> rows_;
};

/// Calls `make` with the libparquet type that primitive values of `kind` have, as a template argument.
template <typename Make>
auto WithLeafType(model::TypeKind kind, Make make) {
  switch (kind) {
    case model::TypeKind::kInt:
    case model::TypeKind::kDate:
      return make.template operator()<parquet::Int32Type>();
    case model::TypeKind::kLong:
    case model::TypeKind::kTimestamp:
      return make.template operator()<parquet::Int64Type>();
    case model::TypeKind::kBoolean:
      return make.template operator()<parquet::BooleanType>();
    case model::TypeKind::kFloat:
      return make.template operator()<parquet::FloatType>();
    case model::TypeKind::kDouble:
      return make.template operator()<parquet::DoubleType>();
    default:
      SLEEPER_CHECK(model::IsPrimitive(kind), "not a primitive type: ", static_cast<int>(kind));
      return make.template operator()<parquet::ByteArrayType>();
  }
}

std::unique_ptr<RepeatedLeaf> MakeRepeatedLeaf(const model::Field& field, model::TypeKind kind, bool element_nullable,
                                               const std::shared_ptr<columnar::BufferRecycler>& recycler) {
  const auto list_type = columnar::ToArrow(model::Type::List(kind));
  return WithLeafType(kind, [&]<typename Leaf>() -> std::unique_ptr<RepeatedLeaf> {
    return std::make_unique<TypedRepeatedLeaf<Leaf>>(NestedLevels(field), list_type, element_nullable, recycler);
  });
}

class ListDecoder final : public ColumnDecoder {
 public:
  ListDecoder(const model::Field& field, const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : elements_(MakeRepeatedLeaf(field, field.type.element(), /*element_nullable=*/true, recycler)) {}

  void Start(std::vector<LeafSource> leaves) override { elements_->Start(std::move(leaves.front())); }
  Status Read(int64_t begin, int64_t rows) override { return elements_->Read(begin, rows); }
  Result<std::shared_ptr<arrow::ArrayData>> Finish() override { return elements_->Finish(); }

 private:
  std::unique_ptr<RepeatedLeaf> elements_;
};

/// Two leaves whose lists must agree.
class MapDecoder final : public ColumnDecoder {
 public:
  MapDecoder(const model::Field& field, const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : type_(columnar::ToArrow(field.type)),
        keys_(MakeRepeatedLeaf(field, field.type.element(), /*element_nullable=*/false, recycler)),
        values_(MakeRepeatedLeaf(field, field.type.value(), /*element_nullable=*/true, recycler)) {}

  void Start(std::vector<LeafSource> leaves) override {
    keys_->Start(std::move(leaves[0]));
    values_->Start(std::move(leaves[1]));
  }

  Status Read(int64_t begin, int64_t rows) override {
    TRY(keys_->Read(begin, rows));
    return values_->Read(begin, rows);
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override {
    TRY_ASSIGN(const auto keys, keys_->Finish());
    TRY_ASSIGN(const auto values, values_->Finish());
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
  std::unique_ptr<RepeatedLeaf> keys_;
  std::unique_ptr<RepeatedLeaf> values_;
};

}  // namespace

std::unique_ptr<ColumnDecoder> ColumnDecoder::Make(const model::Field& field,
                                                   const std::shared_ptr<columnar::BufferRecycler>& recycler) {
  if (field.type.kind() == model::TypeKind::kList) return std::make_unique<ListDecoder>(field, recycler);
  if (field.type.kind() == model::TypeKind::kMap) return std::make_unique<MapDecoder>(field, recycler);
  return WithLeafType(field.type.kind(), [&]<typename Leaf>() -> std::unique_ptr<ColumnDecoder> {
    return std::make_unique<FlatDecoder<Leaf>>(field, recycler);
  });
}

}  // namespace sleeper::file
