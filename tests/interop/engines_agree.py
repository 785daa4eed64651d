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
import pyarrow.dataset
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
                    flat = "." not in group.column(c).path_in_schema
                    self.assertTrue(group.column(c).has_column_index or not c < keys)
                    # Of a column with a value that is no number, or that cannot be cut, nothing is said.
                    if not sample.stem.endswith("_skipped"):
                        self.assertEqual(group.column(c).has_column_index, c < keys)
                    self.assertEqual(group.column(c).is_stats_set or not flat, True, sample.name)

    def wanted_values(self, expected, field, count=4):
        """Some values of a field, as Python has them, the least and the greatest among them."""
        kind = field.type
        if not (pyarrow.types.is_integer(kind) or pyarrow.types.is_string(kind) or pyarrow.types.is_binary(kind)
                or pyarrow.types.is_floating(kind) or pyarrow.types.is_boolean(kind)):
            return []
        values = sorted({value for value in expected[field.name].to_pylist() if value is not None and value == value})
        return values[:: max(1, len(values) // count)] + values[-1:]

    def check_filters(self, name, count_rows):
        """Rows that compare with a value in some way are as many as in a table that says nothing of bounds."""
        compared = {"=": lambda a, b: a == b, "<": lambda a, b: a < b, ">": lambda a, b: a > b}
        for sample in self.samples:
            if not sample.stem.endswith("_skipped"):
                continue
            with pyarrow.ipc.open_file(sample.with_suffix(".arrow")) as file:
                expected = file.read_all()
            asked = 0
            for field in expected.schema:
                values = self.wanted_values(expected, field)
                rows = expected[field.name].to_pylist() if values else []
                for value in values:
                    for operator, compare in compared.items():
                        # Engines do not agree on how those that are no numbers compare.
                        wanted = sum(1 for row in rows if row is not None and row == row and compare(row, value))
                        found = count_rows(sample, field, operator, value)
                        self.assertEqual(found, wanted, f"{name}: {sample.name}: {field.name} {operator} {value!r}")
                        asked += 1
            self.assertGreater(asked, 20)

    def test_filters_of_duckdb(self):
        connection = duckdb.connect()

        def count_rows(sample, field, operator, value):
            not_nan = f' AND NOT isnan("{field.name}")' if pyarrow.types.is_floating(field.type) else ""
            return connection.execute(f"SELECT count(*) FROM read_parquet('{sample}') WHERE \"{field.name}\" "
                                      f"{operator} $1{not_nan}", [value]).fetchone()[0]
        self.check_filters("DuckDB", count_rows)

    def test_filters_of_pyarrow(self):
        def count_rows(sample, field, operator, value):
            column = pyarrow.dataset.field(field.name)
            value = pyarrow.scalar(value, field.type)
            matches = {"=": column == value, "<": column < value, ">": column > value}[operator]
            return pyarrow.dataset.dataset(sample).count_rows(filter=matches)
        self.check_filters("pyarrow", count_rows)

    def test_filters_of_datafusion(self):
        config = datafusion.SessionConfig()
        for name in ("enable_page_index", "pruning", "bloom_filter_on_read", "pushdown_filters"):
            config = config.set(f"datafusion.execution.parquet.{name}", "true")
        context = datafusion.SessionContext(config)
        for sample in self.samples:
            context.register_parquet(sample.stem, str(sample))

        def count_rows(sample, field, operator, value):
            column, literal = datafusion.col(f'"{field.name}"'), datafusion.lit(pyarrow.scalar(value, field.type))
            matches = {"=": column == literal, "<": column < literal, ">": column > literal}[operator]
            if pyarrow.types.is_floating(field.type):
                matches = matches & ~datafusion.functions.isnan(column)
            return context.table(sample.stem).filter(matches).count()
        self.check_filters("DataFusion", count_rows)

    def test_duckdb_finds_values_by_bloom_filters_and_row_groups_without_them(self):
        connection = duckdb.connect()
        sample = next(sample for sample in self.samples if sample.stem == "reference_skipped")
        groups = pyarrow.parquet.ParquetFile(sample)
        ruled_out = asked = 0
        for field in ("key", "value"):
            of_groups = [set(groups.read_row_group(i, [field])[field].to_pylist())
                         for i in range(groups.num_row_groups)]
            for value in sorted(set().union(*of_groups))[::500]:
                for _, group, excludes in connection.execute(
                        f"SELECT file_name, row_group_id, bloom_filter_excludes FROM "
                        f"parquet_bloom_probe('{sample}', '{field}', $1)", [value]).fetchall():
                    self.assertFalse(excludes and value in of_groups[group], f"{field} {value}, row group {group}")
                    asked += value not in of_groups[group]
                    ruled_out += excludes
        self.assertGreater(ruled_out, asked * 9 // 10)


if __name__ == "__main__":
    program = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder], check=True)
        EnginesAgree.samples = sorted(pathlib.Path(folder).glob("*.parquet"))
        assert len(EnginesAgree.samples) >= 9, EnginesAgree.samples
        result = unittest.main(exit=False).result
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)
