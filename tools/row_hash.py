#!/usr/bin/env python3
"""Computes the row hash of docs/formats/row-hash.md from Parquet files, value by value, as the text says it.

usage: row_hash.py FILE…    prints the hash of each file and what the file says of itself, and fails if they differ

It shares nothing with the C++ implementation, so that each checks the other.
"""
import datetime
import math
import struct
import sys

import pyarrow
import pyarrow.parquet

VERSION = 1
MASK = 2**64 - 1
A, B, C, D = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93
EPOCH_DAY = datetime.date(1970, 1, 1)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def fold(x, y):
    product = x * y
    return (product & MASK) ^ (product >> 64)


def hash_bytes(key, value):
    a, b = key
    h = b ^ (len(value) * A & MASK)
    padded = value + bytes(-len(value) % 16) if value else bytes(16)
    for p, q in struct.iter_unpack("<QQ", padded):
        h = fold(p ^ a, q ^ h)
    return h


def key_of(name):
    name = name.encode()
    return hash_bytes((A, B), name), hash_bytes((C, D), name) | 1


def bits_of(value):
    """The 64 bits that stand for a number, a boolean, a date or a time."""
    if isinstance(value, float):
        if math.isnan(value):
            return 0x7FF8000000000000
        return struct.unpack("<Q", struct.pack("<d", value + 0.0 if value else 0.0))[0]
    if isinstance(value, datetime.datetime):
        value = (value - EPOCH) // datetime.timedelta(microseconds=1)
    elif isinstance(value, datetime.date):
        value = (value - EPOCH_DAY).days
    return int(value) & MASK


def hash_primitive(key, value):
    if isinstance(value, str):
        return hash_bytes(key, value.encode())
    if isinstance(value, bytes):
        return hash_bytes(key, value)
    return fold(bits_of(value) ^ key[0], key[1])


def hash_element(key, value):
    return D if value is None else hash_primitive(key, value)


def hash_list(key, elements):
    h = key[1] ^ (len(elements) * C & MASK)
    for element in elements:
        h = fold(h ^ key[0], hash_element(key, element) ^ B)
    return h


def hash_map(key, entries):
    total = sum(fold(hash_element(key, k) ^ A, hash_element(key, v) ^ B) for k, v in entries) & MASK
    return fold(total ^ key[0], (len(entries) * C & MASK) ^ key[1])


def hash_value(key, kind, value):
    if value is None:
        return 0
    if pyarrow.types.is_map(kind):
        return hash_map(key, value)
    if pyarrow.types.is_list(kind):
        return hash_list(key, value)
    return hash_primitive(key, value)


def plain_values(column):
    """The values of a column as Python has them; dates and times as integers, for Python knows the years 1 to 9999 only."""
    kind = column.type
    if pyarrow.types.is_date32(kind):
        return column.cast(pyarrow.int32()).to_pylist()
    if pyarrow.types.is_timestamp(kind):
        return column.cast(pyarrow.int64()).to_pylist()
    return column.to_pylist()


def hash_table(table):
    """The two sums over the rows of a pyarrow table."""
    low = high = 0
    fields = [(key_of(field.name), field.type, plain_values(table.column(i))) for i, field in enumerate(table.schema)]
    for row in range(table.num_rows):
        x = C
        for key, kind, values in fields:
            x = (x + hash_value(key, kind, values[row])) & MASK
        x ^= x >> 32
        x = x * B & MASK
        x ^= x >> 29
        x = x * A & MASK
        x ^= x >> 32
        low = (low + x) & MASK
        high = (high + fold(x ^ C, D)) & MASK
    return low, high


def text_of(sums):
    return f"{VERSION}:{sums[0]:016x}:{sums[1]:016x}"


def main(paths):
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    wrong = 0
    for path in paths:
        file = pyarrow.parquet.ParquetFile(path)
        computed = text_of(hash_table(file.read()))
        recorded = (file.metadata.metadata or {}).get(b"sleeper.row-hash", b"").decode()
        print(path, computed, "as recorded" if computed == recorded else f"but the file says {recorded or 'nothing'}")
        wrong += computed != recorded
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
