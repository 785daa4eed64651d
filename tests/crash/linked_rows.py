"""Rows that name one another, so that any loss shows: each row of a batch holds the key of a row of the batch that its writer
wrote before. A batch is ingested as one job, so it is in the table whole or not at all."""

import numpy
import pyarrow
import pyarrow.csv
import pyarrow.parquet

SCHEMA = """{"rowKeyFields":[{"name":"key","type":"LongType"}],"sortKeyFields":[{"name":"batch","type":"LongType"}],
 "valueFields":[{"name":"earlier","type":"LongType","nullable":true},{"name":"check","type":"LongType"}]}
"""
# A writer's first rows name nobody.
NOBODY = -1
FAULTS_SHOWN_MAX = 5


def check_of(keys, earlier, batch):
    """A number that a row must have, given the others."""
    mixed = keys.astype(numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15) ^ earlier.astype(numpy.uint64)
    return ((mixed + numpy.uint64(batch)) & numpy.uint64(2**62 - 1)).astype(numpy.int64)


class Batch:
    """The rows of one job: keys at random, each with the key of a row of `earlier`, the batch before it."""

    def __init__(self, number, size, generator, earlier=None):
        self.number = number
        self.keys = numpy.sort(generator.integers(0, 2**60, size))
        self.earlier = numpy.full(size, NOBODY) if earlier is None else generator.choice(earlier.keys, size)
        self.check = check_of(self.keys, self.earlier, number)

    def write(self, path):
        order = numpy.random.default_rng(self.number).permutation(len(self.keys))
        table = pyarrow.table({"key": self.keys[order], "batch": numpy.full(len(order), self.number),
                               "earlier": self.earlier[order], "check": self.check[order]})
        if path.suffix == ".csv":
            pyarrow.csv.write_csv(table, path)
        else:
            pyarrow.parquet.write_table(table, path)


def faults_of(table, acknowledged, others):
    """What is wrong with a table, as texts; nothing if it holds every row of the batches in `acknowledged` once, those of
    each batch in `others` once or not at all, and no other row. Both map numbers to batches."""
    keys, numbers, earlier, check = (table.column(name).to_numpy() for name in ("key", "batch", "earlier", "check"))
    faults = []
    if numpy.any(keys[1:] < keys[:-1]):
        faults.append(f"{int(numpy.sum(keys[1:] < keys[:-1]))} rows are out of order")
    by_batch = numpy.argsort(numbers, kind="stable")
    found, begins = numpy.unique(numbers[by_batch], return_index=True)
    parts = dict(zip(found.tolist(), numpy.split(by_batch, begins[1:])))
    for number in sorted(acknowledged.keys() - parts.keys()):
        faults.append(f"batch {number} was acknowledged and is not there, {len(acknowledged[number].keys)} rows")
    for number, rows in parts.items():
        batch = acknowledged.get(number) or others.get(number)
        if batch is None:
            faults.append(f"batch {number} was never written, and has {len(rows)} rows")
        elif not numpy.array_equal(keys[rows], batch.keys):
            ours, theirs = numpy.unique(keys[rows]), numpy.unique(batch.keys)
            faults.append(f"batch {number} has {len(rows)} rows, not {len(batch.keys)}: {len(rows) - len(ours)} double,"
                          f" {len(numpy.setdiff1d(theirs, ours))} missing, {len(numpy.setdiff1d(ours, theirs))} foreign")
        elif not numpy.array_equal(check[rows], check_of(keys[rows], earlier[rows], number)):
            faults.append(f"batch {number} has values that are not its own")
    holes = numpy.setdiff1d(earlier[earlier != NOBODY], keys)
    if len(holes):
        faults.append(f"{len(holes)} rows are named by others and are not there, as {holes[:FAULTS_SHOWN_MAX].tolist()}")
    return faults
