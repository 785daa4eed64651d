#!/usr/bin/env python3
"""Other engines read our data files and find the rows that were written; so does a second implementation of the row hash.

usage: engines_agree.py WRITE_SAMPLE_FILES    the program that makes the files
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import datafusion
import duckdb
import pyarrow
import pyarrow.ipc
import pyarrow.parquet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import row_hash  # noqa: E402


def comparable(column):
    """A column's values as Python has them; times and dates as integers, whose years go beyond those that Python knows."""
    kind = column.type
    if pyarrow.types.is_timestamp(kind):
        return column.cast(pyarrow.timestamp("us", kind.tz)).cast(pyarrow.int64()).to_pylist()
    if pyarrow.types.is_date32(kind):
        return column.cast(pyarrow.int32()).to_pylist()
    if pyarrow.types.is_floating(kind):
        return [value if value is None else value.hex() for value in column.to_pylist()]
    return column.to_pylist()


class EnginesAgree(unittest.TestCase):
    samples = []

    def check(self, name, read):
        for sample in self.samples:
            with self.subTest(sample=sample.name):
                with pyarrow.ipc.open_file(sample.with_suffix(".arrow")) as file:
                    expected = file.read_all()
                found = read(sample)
                self.assertEqual(found.num_rows, expected.num_rows)
                self.assertEqual(found.column_names, expected.column_names)
                for field in expected.schema:
                    ours, theirs = comparable(expected[field.name]), comparable(found[field.name])
                    if ours != theirs:
                        row = next(i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1])
                        self.fail(f"{name} reads field {field.name}, row {row}, as {theirs[row]!r}, "
                                  f"not {ours[row]!r}")

    def test_pyarrow(self):
        self.check("pyarrow", lambda path: pyarrow.parquet.read_table(path, page_checksum_verification=True))

    def test_duckdb(self):
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        self.check("DuckDB", lambda path: connection.sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table())

    def test_datafusion(self):
        context = datafusion.SessionContext()
        self.check("DataFusion", lambda path: pyarrow.Table.from_batches(context.read_parquet(path).collect()))

    def test_types_are_those_of_the_table(self):
        for sample in self.samples:
            with pyarrow.ipc.open_file(sample.with_suffix(".arrow")) as file:
                self.assertTrue(pyarrow.parquet.read_schema(sample).remove_metadata().equals(file.schema), sample.name)

    def test_row_hash(self):
        for sample in self.samples:
            file = pyarrow.parquet.ParquetFile(sample)
            self.assertEqual(row_hash.text_of(row_hash.hash_table(file.read())),
                             file.metadata.metadata[b"sleeper.row-hash"].decode(), sample.name)

    def test_sorting_columns_and_indexes_are_declared(self):
        for sample in self.samples:
            metadata = pyarrow.parquet.ParquetFile(sample).metadata
            keys = 2 if sample.name.startswith("reference") else 6
            for i in range(metadata.num_row_groups):
                group = metadata.row_group(i)
                self.assertEqual([(c.column_index, c.descending) for c in group.sorting_columns],
                                 [(k, False) for k in range(keys)])
                for c in range(group.num_columns):
                    self.assertTrue(group.column(c).has_offset_index)
                    self.assertEqual(group.column(c).has_column_index, c < keys)


if __name__ == "__main__":
    program = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder], check=True)
        EnginesAgree.samples = sorted(pathlib.Path(folder).glob("*.parquet"))
        assert len(EnginesAgree.samples) >= 9, EnginesAgree.samples
        result = unittest.main(exit=False).result
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)
