"""Makes a Parquet file of 200 columns of mixed types, for benchmarks: numbers, dates and times, few and many different texts,
with and without nulls. The rows are in no order; `c000` is the key.
"""
import numpy
import pyarrow
import pyarrow.parquet

COLUMNS = 200
KINDS = ["LongType", "IntType", "DoubleType", "StringType", "BooleanType", "TimestampType", "StringType", "FloatType",
         "DateType"]
ARROW_TYPES = {"LongType": pyarrow.int64(), "IntType": pyarrow.int32(), "DoubleType": pyarrow.float64(),
               "StringType": pyarrow.string(), "BooleanType": pyarrow.bool_(), "FloatType": pyarrow.float32(),
               "DateType": pyarrow.date32(), "TimestampType": pyarrow.timestamp("us", tz="UTC")}
WORDS = ["open", "closed", "waiting", "refused", "paid", "unknown"]


def field_of(number):
    # Every other column after the key may be null.
    return {"name": f"c{number:03}", "type": KINDS[number % len(KINDS)], "nullable": number % 2 == 1}


FIELDS = [field_of(number) for number in range(COLUMNS)]
SLEEPER_SCHEMA = {"rowKeyFields": [{"name": "c000", "type": "LongType"}], "valueFields": FIELDS[1:]}


def values_of(number, kind, generator, rows):
    if kind == "StringType":
        # Few different words in one half of these columns, in the other all are different.
        if number % 4 < 2:
            return [WORDS[i] for i in generator.integers(0, len(WORDS), rows)]
        return [f"item {i:x}" for i in generator.integers(0, 2**40, rows)]
    if kind == "BooleanType":
        return generator.integers(0, 2, rows).astype(bool)
    if kind in ("DoubleType", "FloatType"):
        return generator.normal(size=rows).astype(numpy.float64 if kind == "DoubleType" else numpy.float32)
    if kind == "TimestampType":
        return generator.integers(1_600_000_000_000_000, 1_700_000_000_000_000, rows)
    if kind == "DateType":
        return generator.integers(18_000, 20_000, rows).astype(numpy.int32)
    most = 2**62 if number == 0 else 10_000
    return generator.integers(0, most, rows).astype(numpy.int64 if kind == "LongType" else numpy.int32)


def write_file(path, rows):
    """Writes the file, unless it is there, and returns its path."""
    if path.exists():
        return path
    generator = numpy.random.default_rng(200)
    arrays, fields = [], []
    for number, field in enumerate(FIELDS):
        nulls = generator.random(rows) < 0.1 if field["nullable"] else None
        arrow_type = ARROW_TYPES[field["type"]]
        arrays.append(pyarrow.array(values_of(number, field["type"], generator, rows), arrow_type, mask=nulls))
        fields.append(pyarrow.field(field["name"], arrow_type, field["nullable"]))
    unfinished = path.with_suffix(".unfinished")
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields)), unfinished,
                                compression="zstd")
    unfinished.rename(path)
    return path
