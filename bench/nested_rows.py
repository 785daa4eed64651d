"""Makes sorted Parquet files of rows with a list and a map, for benchmarks.

usage: nested_rows.py FOLDER ROWS FILES

Prints their paths. Each row has `key` (10 random letters), `sort` (a random int64),
`tags` (up to 9 strings of 8 random letters) and `counts` (up to 9 such strings, each with a number below a million).
"""
import pathlib
import sys

import numpy
import pyarrow
import pyarrow.compute
import pyarrow.parquet

ELEMENTS_MOST = 9
SLEEPER_SCHEMA = {
    "rowKeyFields": [{"name": "key", "type": "StringType"}],
    "sortKeyFields": [{"name": "sort", "type": "LongType"}],
    "valueFields": [{"name": "tags", "type": {"ListType": {"elementType": "StringType"}}},
                    {"name": "counts", "type": {"MapType": {"keyType": "StringType", "valueType": "LongType"}}}],
}


def words(generator, count, letters):
    text = generator.integers(ord("a"), ord("z") + 1, size=(count, letters), dtype=numpy.uint8)
    offsets = numpy.arange(count + 1, dtype=numpy.int32) * letters
    return pyarrow.StringArray.from_buffers(count, pyarrow.py_buffer(offsets), pyarrow.py_buffer(text))


def offsets_of_lists(generator, rows):
    sizes = generator.integers(0, ELEMENTS_MOST + 1, size=rows)
    return pyarrow.array(numpy.concatenate([[0], numpy.cumsum(sizes)]), pyarrow.int32())


def table(generator, rows):
    keys = words(generator, rows, 10)
    keys = keys.take(pyarrow.compute.sort_indices(keys))
    sort = pyarrow.array(generator.integers(-2**63, 2**63 - 1, size=rows))
    tags, counts = offsets_of_lists(generator, rows), offsets_of_lists(generator, rows)
    entries = counts[-1].as_py()
    return pyarrow.table({
        "key": keys,
        "sort": sort,
        "tags": pyarrow.ListArray.from_arrays(tags, words(generator, tags[-1].as_py(), 8)),
        "counts": pyarrow.MapArray.from_arrays(counts, words(generator, entries, 8),
                                               pyarrow.array(generator.integers(0, 1_000_000, size=entries))),
    })


def write_files(folder, rows, files):
    """Writes the files, unless they are there, and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:02}.parquet" for number in range(files)]
    for number, path in enumerate(paths):
        if path.exists():
            continue
        unfinished = path.with_suffix(".unfinished")
        pyarrow.parquet.write_table(table(numpy.random.default_rng(number), rows), unfinished, compression="zstd")
        unfinished.rename(path)
    return paths


if __name__ == "__main__":
    print(*write_files(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])), sep="\n")
