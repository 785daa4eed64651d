#include "sleeper/model/key_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sleeper/model/fault_list.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

/// A restriction as it was written: what stands before and after the first "=".
struct FieldAndText {
  Field field;
  std::string_view text;
};

Result<FieldAndText> SplitAtEquals(const Schema& schema, std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return Error(ErrorKind::kInvalid, "there is no '=' between field and value: ", Quoted(text));
  }
  const std::string_view name = text.substr(0, equals);
  const std::optional<int> column = schema.Find(name);
  if (!column || !schema.IsRowKey(*column)) {
    std::string fields;
    for (const Field& field : schema.row_key_fields()) fields.append(fields.empty() ? "" : ", ").append(field.name);
    return WithHint(Error(ErrorKind::kInvalid, Quoted(name), " is not a row key field of the table"),
                    "the row key fields are: " + fields);
  }
  return FieldAndText{schema.field(*column), text.substr(equals + 1)};
}

std::string_view WithoutSpaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// A range as it was written, between its brackets.
struct BracketedText {
  bool min_inclusive;
  bool max_inclusive;
  std::string_view inside;
};

Result<BracketedText> TakeBrackets(std::string_view text) {
  const bool opens = text.starts_with('[') || text.starts_with('(');
  const bool closes = text.ends_with(']') || text.ends_with(')');
  if (text.size() < 2 || !opens || !closes) {
    return Error(ErrorKind::kInvalid, "a range is written like [A,B) with [ or ( and ] or ), not ", Quoted(text));
  }
  return BracketedText{text.front() == '[', text.back() == ']', text.substr(1, text.size() - 2)};
}

/// The range whose bounds a comma at `comma` separates.
Result<Range> RangeSplitAt(const Field& field, const BracketedText& brackets, size_t comma) {
  std::string_view min = brackets.inside.substr(0, comma);
  std::string_view max = brackets.inside.substr(comma + 1);
  const TypeKind kind = field.type.kind();
  if (kind != TypeKind::kString) {
    min = WithoutSpaces(min);
    max = WithoutSpaces(max);
  }
  RangeBounds bounds{.min = LeastValue(kind), .max_inclusive = brackets.max_inclusive};
  if (!min.empty()) {
    TRY_ASSIGN(bounds.min, ParseKeyValue(kind, min));
    bounds.min_inclusive = brackets.min_inclusive;
  }
  if (!max.empty()) {
    TRY_ASSIGN(bounds.max, ParseKeyValue(kind, max));
  }
  return Range::Make(field, std::move(bounds));
}

/// Looks at each comma of a range of strings. More than one that would do is one too many. Only compares, and copies
/// nothing: if a comma does not do, less than what stands before it is equal behind it, and such repetitions cannot be
/// many before one does.
Result<Range> RangeOfStrings(const Field& field, const BracketedText& brackets) {
  std::optional<size_t> found;
  for (size_t comma = brackets.inside.find(','); comma != std::string_view::npos;
       comma = brackets.inside.find(',', comma + 1)) {
    const std::string_view max = brackets.inside.substr(comma + 1);
    if (!max.empty() && max < brackets.inside.substr(0, comma)) continue;
    if (found) {
      return WithHint(
          Error(ErrorKind::kInvalid, "more than one comma could separate the bounds: ", Quoted(brackets.inside)),
          "write the range as a region in JSON: --region '{\"" + field.name +
              "\":{\"min\":…,\"max\":…},\"stringsBase64Encoded\":false}'");
    }
    found = comma;
  }
  if (!found) {
    return Error(ErrorKind::kInvalid,
                 "no comma separates a minimum from a maximum that is not below it: ", Quoted(brackets.inside));
  }
  return RangeSplitAt(field, brackets, *found);
}

Result<Range> RangeOfBrackets(const Field& field, std::string_view text) {
  TRY_ASSIGN(const BracketedText brackets, TakeBrackets(text));
  const auto commas = std::ranges::count(brackets.inside, ',');
  if (commas == 0)
    return Error(ErrorKind::kInvalid, "there is no comma between the bounds of the range: ", Quoted(text));
  if (commas == 1) return RangeSplitAt(field, brackets, brackets.inside.find(','));
  if (field.type.kind() == TypeKind::kString) return RangeOfStrings(field, brackets);
  return Error(ErrorKind::kInvalid, "a range has one comma, between its bounds: ", Quoted(text));
}

Status NamingField(const Field& field, const Status& status) {
  return WithContext(status, "field " + Quoted(field.name));
}

/// Alternatives for each row-key field, in field order; a field without any is unrestricted.
using Alternatives = std::vector<std::vector<Range>>;

Alternatives GroupByField(const Schema& schema, std::vector<Range> keys) {
  Alternatives groups(static_cast<size_t>(schema.row_key_count()));
  for (Range& key : keys) {
    groups[static_cast<size_t>(*schema.Find(key.field().name))].push_back(std::move(key));
  }
  for (std::vector<Range>& group : groups) {
    std::ranges::sort(group, {}, &Range::lower);
    group.erase(std::ranges::unique(group).begin(), group.end());
  }
  return groups;
}

/// Every way to take one alternative of each field.
Result<std::vector<std::vector<Range>>> ProductOf(const Alternatives& groups) {
  std::vector<std::vector<Range>> products(1);
  for (const std::vector<Range>& group : groups) {
    if (group.empty()) continue;
    if (products.size() * group.size() > static_cast<size_t>(kRegionsFromTextMax)) {
      return Error(ErrorKind::kInvalid, "the alternatives make more keys than ", kRegionsFromTextMax);
    }
    std::vector<std::vector<Range>> longer;
    longer.reserve(products.size() * group.size());
    for (const std::vector<Range>& product : products) {
      for (const Range& alternative : group) longer.emplace_back(product).push_back(alternative);
    }
    products = std::move(longer);
  }
  return products;
}

/// Ranges restrict alternatives of their own field at once, and come to every product for the others.
std::vector<Range> RestrictAlternatives(const Schema& schema, std::span<const Range> ranges, Alternatives& groups) {
  std::vector<Range> others;
  for (const Range& range : ranges) {
    auto& group = groups[static_cast<size_t>(*schema.Find(range.field().name))];
    if (group.empty()) {
      others.push_back(range);
    } else {
      std::erase_if(group, [&](const Range& alternative) { return !alternative.Overlaps(range); });
      // Nothing is left: keep the impossible, so that the field does not count as unrestricted.
      if (group.empty()) group.push_back(*Range::Make(range.field(), {.min = range.lower(), .max = range.lower()}));
    }
  }
  return others;
}

std::vector<Range> ParseEach(const Schema& schema, std::span<const std::string> texts,
                             Result<Range> (*parse)(const Schema&, std::string_view), FaultList& faults) {
  std::vector<Range> ranges;
  for (const std::string& text : texts) {
    Result<Range> range = parse(schema, text);
    faults.Add(range.status());
    if (range.ok()) ranges.push_back(*std::move(range));
  }
  return ranges;
}

}  // namespace

Result<Range> ParseKeyText(const Schema& schema, std::string_view text) {
  TRY_ASSIGN(const FieldAndText parts, SplitAtEquals(schema, text));
  Result<KeyValue> value = ParseKeyValue(parts.field.type.kind(), parts.text);
  if (!value.ok()) return NamingField(parts.field, value.status());
  return Range::Exact(parts.field, *std::move(value));
}

Result<Range> ParseRangeText(const Schema& schema, std::string_view text) {
  TRY_ASSIGN(const FieldAndText parts, SplitAtEquals(schema, text));
  Result<Range> range = RangeOfBrackets(parts.field, parts.text);
  if (!range.ok()) return NamingField(parts.field, range.status());
  return range;
}

Result<std::vector<Region>> RegionsFromText(const Schema& schema, std::span<const std::string> keys,
                                            std::span<const std::string> ranges) {
  FaultList faults;
  std::vector<Range> exact = ParseEach(schema, keys, ParseKeyText, faults);
  const std::vector<Range> restrictions = ParseEach(schema, ranges, ParseRangeText, faults);
  // Finds two ranges of one field.
  faults.Add(Region::Make(schema, restrictions).status());
  TRY(faults.ToStatus("keys and ranges"));

  Alternatives groups = GroupByField(schema, std::move(exact));
  const std::vector<Range> others = RestrictAlternatives(schema, restrictions, groups);
  TRY_ASSIGN(std::vector<std::vector<Range>> products, ProductOf(groups));
  std::vector<Region> regions;
  regions.reserve(products.size());
  for (std::vector<Range>& product : products) {
    product.insert(product.end(), others.begin(), others.end());
    TRY_ASSIGN(Region region, Region::Make(schema, std::move(product)));
    if (!region.empty()) regions.push_back(std::move(region));
  }
  return regions;
}

Result<KeyTuple> ParseKeyLine(const Schema& schema, std::string_view line) {
  const std::span<const Field> fields = schema.row_key_fields();
  const bool whole_line = fields.size() == 1 && fields[0].type.kind() == TypeKind::kString;
  KeyTuple values;
  for (bool more = true; more;) {
    if (values.size() == fields.size()) {
      return Error(ErrorKind::kInvalid, "more values than the ", fields.size(),
                   " row key fields of the table: ", Quoted(line));
    }
    const size_t tab = whole_line ? std::string_view::npos : line.find('\t');
    const Field& field = fields[values.size()];
    Result<KeyValue> value = ParseKeyValue(field.type.kind(), line.substr(0, tab));
    if (!value.ok()) return NamingField(field, value.status());
    values.push_back(*std::move(value));
    more = tab != std::string_view::npos;
    if (more) line.remove_prefix(tab + 1);
  }
  return values;
}

}  // namespace sleeper::model
