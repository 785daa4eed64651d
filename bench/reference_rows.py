"""Makes Parquet files of the reference's test row, for benchmarks.

Each row: `key`, 10 random letters; `sort`, a random int64; `value`, 10 random letters; `nullable`, 10 random letters, or null
in one row of five. The same arguments make the same rows.

usage: reference_rows.py --rows N --files F --to FOLDER [--order sorted|shuffled] [--overlap PERCENT] [--value-letters N]
                         [--values letters|bytes|words|json]

--overlap: the share of each file's rows whose keys lie in a range that all files have rows in; the others lie in ranges of
their file alone. 100, the default: everywhere.
--value-letters: the length of `value` and `nullable`.
--values: what these are: random letters; random bytes, which do not compress, in columns of bytes; words, of which few are
frequent; or JSON objects of a number, a name, a status and words.
"""
import argparse
import pathlib

import numpy
import pyarrow
import pyarrow.parquet

LETTERS = 10
# Of the text that words are taken from: 8 MB, so that those of one page seldom overlap.
WORDS = 1_200_000
SCHEMA = pyarrow.schema([
    pyarrow.field("key", pyarrow.string(), nullable=False),
    pyarrow.field("sort", pyarrow.int64(), nullable=False),
    pyarrow.field("value", pyarrow.string(), nullable=False),
    pyarrow.field("nullable", pyarrow.string(), nullable=True),
])
SLEEPER_SCHEMA = {
    "rowKeyFields": [{"name": "key", "type": "StringType"}],
    "sortKeyFields": [{"name": "sort", "type": "LongType"}],
    "valueFields": [{"name": "value", "type": "StringType"},
                    {"name": "nullable", "type": "StringType", "nullable": True}],
}


def letters(generator, rows, count=LETTERS):
    return generator.integers(ord("a"), ord("z") + 1, size=(rows, count), dtype=numpy.uint8)


def bytes_(generator, rows, count):
    return generator.integers(0, 256, size=(rows, count), dtype=numpy.uint8)


def words(generator, rows, count):
    """Pieces, cut out anywhere, of a text of words of 4 to 10 letters out of 5,000, the n-th most frequent one of which is
    about 1/n as frequent as the first."""
    vocabulary = [letters(generator, 1, generator.integers(4, 11)).tobytes() for _ in range(5000)]
    chosen = (len(vocabulary) ** generator.random(WORDS)).astype(int) - 1
    text = numpy.frombuffer(b" ".join([vocabulary[word] for word in chosen]), numpy.uint8)
    begins = generator.integers(0, len(text) - count, rows)
    return numpy.lib.stride_tricks.sliding_window_view(text, count)[begins]


def json_objects(generator, rows, count):
    """JSON objects of `count` characters each; what is left of them is a message."""
    messages, names = words(generator, rows, count), words(generator, rows, 8)
    numbers, statuses = generator.integers(0, 10**9, rows), generator.choice([200, 201, 404, 500], rows)
    objects = []
    for row in range(rows):
        start = b'{"id":%d,"user":"%s","status":%d,"message":"' % (numbers[row], names[row].tobytes(), statuses[row])
        objects.append(start + messages[row].tobytes()[:count - len(start) - 2] + b'"}')
    return numpy.frombuffer(b"".join(objects), numpy.uint8).reshape(rows, count)


MAKERS = {"letters": letters, "bytes": bytes_, "words": words, "json": json_objects}


def schema_of(values):
    """As `sleeper` is told it."""
    kind = "ByteArrayType" if values == "bytes" else "StringType"
    return SLEEPER_SCHEMA | {"valueFields": [field | {"type": kind} for field in SLEEPER_SCHEMA["valueFields"]]}


def strings(texts, is_null=None):
    """A string array of fixed-size texts, given as a matrix of bytes."""
    rows = len(texts)
    lengths = numpy.full(rows, texts.shape[1], numpy.int32)
    validity = None
    if is_null is not None:
        lengths[is_null] = 0
        texts = texts[~is_null]
        validity = pyarrow.py_buffer(numpy.packbits(~is_null, bitorder="little").tobytes())
    offsets = numpy.zeros(rows + 1, numpy.int32)
    numpy.cumsum(lengths, out=offsets[1:])
    return pyarrow.StringArray.from_buffers(rows, pyarrow.py_buffer(offsets.tobytes()),
                                            pyarrow.py_buffer(texts.tobytes()), validity,
                                            0 if is_null is None else int(is_null.sum()))


def make_table(rows, seed, order, first_letter=None, overlap=100, value_letters=LETTERS, values="letters"):
    """`first_letter` is that of the rows that no other file has keys among."""
    generator = numpy.random.default_rng(seed)
    keys = letters(generator, rows)
    if overlap < 100:
        is_shared = generator.random(rows) < overlap / 100
        keys[:, 0] = numpy.where(is_shared, ord("a"), ord(first_letter))
    if order == "sorted":
        keys = keys[numpy.argsort(numpy.ascontiguousarray(keys).view(f"S{LETTERS}").ravel(), kind="stable")]
    sort = pyarrow.array(generator.integers(-2**62, 2**62, rows))
    value = strings(MAKERS[values](generator, rows, value_letters))
    nullable = strings(MAKERS[values](generator, rows, value_letters), generator.random(rows) < 0.2)
    schema = SCHEMA
    if values == "bytes":
        value, nullable = value.view(pyarrow.binary()), nullable.view(pyarrow.binary())
        for number in (2, 3):
            schema = schema.set(number, schema.field(number).with_type(pyarrow.binary()))
    return pyarrow.Table.from_arrays([strings(keys), sort, value, nullable], schema=schema)


def write_files(folder, rows, files, order="sorted", overlap=100, value_letters=LETTERS, values="letters"):
    """Writes `files` files of `rows` rows each, unless they are there, and returns their paths."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"rows-{number:02}.parquet" for number in range(files)]
    for number, path in enumerate(paths):
        if path.exists():
            continue
        table = make_table(rows, 1000 + number, order, chr(ord("b") + number), overlap, value_letters, values)
        unfinished = path.with_suffix(".unfinished")
        pyarrow.parquet.write_table(table, unfinished, compression="zstd", use_dictionary=False, row_group_size=100_000,
                                    data_page_version="2.0", write_page_index=True)
        unfinished.rename(path)
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, required=True, help="rows of each file")
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--to", required=True, help="folder")
    parser.add_argument("--order", choices=["sorted", "shuffled"], default="sorted")
    parser.add_argument("--overlap", type=int, default=100, metavar="PERCENT")
    parser.add_argument("--value-letters", type=int, default=LETTERS, metavar="N")
    parser.add_argument("--values", choices=list(MAKERS), default="letters")
    chosen = parser.parse_args()
    for made in write_files(chosen.to, chosen.rows, chosen.files, chosen.order, chosen.overlap, chosen.value_letters,
                            chosen.values):
        print(made)
