"""The verifier finds what it is there to find."""

import unittest

import numpy
import pyarrow

from linked_rows import Batch, faults_of


def table_of(*batches):
    """A table in key order with the rows of some batches."""
    columns = {"key": [], "batch": [], "earlier": [], "check": []}
    for batch in batches:
        columns["key"].append(batch.keys)
        columns["batch"].append(numpy.full(len(batch.keys), batch.number))
        columns["earlier"].append(batch.earlier)
        columns["check"].append(batch.check)
    table = pyarrow.table({name: numpy.concatenate(parts) for name, parts in columns.items()})
    return table.sort_by([("key", "ascending"), ("batch", "ascending")])


class FaultsTest(unittest.TestCase):
    def setUp(self):
        generator = numpy.random.default_rng(1)
        self.first = Batch(1, 50, generator)
        self.second = Batch(2, 80, generator, earlier=self.first)
        self.table = table_of(self.first, self.second)
        self.acknowledged = {1: self.first, 2: self.second}

    def expect(self, table, words, acknowledged=None, others=()):
        faults = faults_of(table, self.acknowledged if acknowledged is None else acknowledged, dict(others))
        self.assertTrue(any(words in fault for fault in faults), faults)

    def test_a_whole_table_is_right(self):
        self.assertEqual(faults_of(self.table, self.acknowledged, {}), [])

    def test_a_batch_without_an_answer_may_be_there_or_not(self):
        self.assertEqual(faults_of(self.table, {1: self.first}, {2: self.second}), [])
        self.assertEqual(faults_of(table_of(self.first), {1: self.first}, {2: self.second}), [])

    def test_a_batch_without_an_answer_may_not_be_there_in_part(self):
        self.expect(self.table.slice(0, 129), "missing", {1: self.first}, {2: self.second}.items())

    def test_a_lost_row_is_found(self):
        for lost in (0, 64, 129):
            self.expect(pyarrow.concat_tables([self.table.slice(0, lost), self.table.slice(lost + 1)]), "1 missing")

    def test_a_doubled_row_is_found(self):
        doubled = pyarrow.concat_tables([self.table, self.table.slice(7, 1)]).sort_by([("key", "ascending")])
        self.expect(doubled, "1 double")

    def test_a_lost_batch_is_found_and_leaves_holes(self):
        self.expect(table_of(self.second), "batch 1 was acknowledged and is not there")
        self.expect(table_of(self.second), "are named by others and are not there", {2: self.second})

    def test_a_batch_that_nobody_wrote_is_found(self):
        self.expect(self.table, "never written", {1: self.first})

    def test_a_changed_value_is_found(self):
        changed = self.table.column("earlier").to_numpy().copy()
        changed[changed > 0] = numpy.roll(changed[changed > 0], 1)
        self.expect(self.table.set_column(2, "earlier", pyarrow.array(changed)), "not its own")

    def test_rows_out_of_order_are_found(self):
        self.expect(self.table.take(list(range(129, -1, -1))), "out of order")


if __name__ == "__main__":
    unittest.main()
