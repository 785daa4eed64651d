#!/usr/bin/env python3
"""Parquet files that other engines wrote are ingested as the rows that those engines read from them.

usage: foreign_files_are_read.py SLEEPER    the program
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import datafusion
import duckdb
import pyarrow
import pyarrow.parquet

SLEEPER = None
ROWS = 12_000

# A column of each kind, made by DuckDB out of a row's number i: its type in a table of ours, and how to make it.
COLUMNS = {
    "k": ("LongType", "i"),
    "tiny": ("IntType", "CAST(i % 200 - 100 AS TINYINT)"),
    "small": ("IntType", "CAST(i % 60000 - 30000 AS SMALLINT)"),
    "unsigned": ("LongType", "CAST(i * 70000 AS UINTEGER)"),
    "long": ("LongType", "CAST((i * 7919 % 30011) * 1000003 AS BIGINT)"),
    "real": ("FloatType", "CAST(i AS FLOAT) / 4"),
    "double": ("DoubleType", "CASE WHEN i % 3 = 0 THEN NULL ELSE i / 7.0::DOUBLE END"),
    "truth": ("BooleanType", "CASE WHEN i % 11 = 0 THEN NULL ELSE i % 2 = 0 END"),
    "day": ("DateType", "DATE '1970-01-01' + CAST(i % 9000 AS INTEGER)"),
    "time": ("TimestampType", "TIMESTAMP '2001-01-31 12:00:00' + to_microseconds(i * 1000003)"),
    "seldom": ("StringType", "CASE WHEN i % 5 <> 0 THEN NULL ELSE 'caf\u00e9 ' || (i % 17) END"),
    "word": ("StringType", "md5(CAST(i AS VARCHAR))"),
    "run": ("StringType", "repeat('ab', CAST(i // 500 % 40 AS INTEGER))"),
    "nothing": ("StringType", "CAST(NULL AS VARCHAR)"),
    "bytes": ("ByteArrayType", "encode('x' || (i % 300))"),
    "price": ("DoubleType", "CAST(i AS DECIMAL(9, 2))"),
    "list": ({"ListType": {"elementType": "LongType"}}, "CASE WHEN i % 4 = 0 THEN NULL ELSE [i, NULL, i % 3] END"),
}


def rows():
    columns = ", ".join(f"{made} AS {name}" for name, (_, made) in COLUMNS.items())
    return duckdb.connect().sql(f"SELECT {columns} FROM range({ROWS}) r(i)").to_arrow_table()


def schema():
    field = lambda name: {"name": name, "type": COLUMNS[name][0], **({} if name == "k" else {"nullable": True})}
    return {"rowKeyFields": [field("k")], "valueFields": [field(name) for name in COLUMNS if name != "k"]}


class ForeignFilesAreRead(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "schema.json").write_text(json.dumps(schema()))
        self.sleeper("init")

    def sleeper(self, *arguments):
        done = subprocess.run([SLEEPER, "--quiet", "--instance", self.folder / "instance", *arguments],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{arguments}\n{done.stderr}")

    def test_a_page_beyond_the_bound_is_refused_and_can_be_let_in(self):
        table = pyarrow.table({"k": pyarrow.array([1], pyarrow.int64()), "v": ["x" * (40 << 20)]},
                              schema=pyarrow.schema([pyarrow.field("k", pyarrow.int64(), False),
                                                     pyarrow.field("v", pyarrow.string(), False)]))
        file = self.folder / "large.parquet"
        pyarrow.parquet.write_table(table, file, compression="zstd", use_dictionary=False)
        (self.folder / "large.json").write_text(json.dumps(
            {"rowKeyFields": [{"name": "k", "type": "LongType"}],
             "valueFields": [{"name": "v", "type": "StringType"}]}))
        self.sleeper("table", "create", "large", "--schema", self.folder / "large.json",
                     "--set", "ingest.page.bytes.max=32M")
        refused = subprocess.run([SLEEPER, "--quiet", "--instance", self.folder / "instance", "ingest", "large", file],
                                 capture_output=True, text=True, check=False)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        for part in (str(file), "column v, page 1", "a page is larger than allowed", "ingest.page.bytes.max"):
            self.assertIn(part, refused.stderr)
        self.sleeper("table", "set", "large", "ingest.page.bytes.max=64M")
        self.sleeper("ingest", "large", file)

    def check(self, file, table):
        """Our rows of the file are those that pyarrow reads from it."""
        self.sleeper("table", "create", table, "--schema", self.folder / "schema.json")
        self.sleeper("ingest", table, file)
        output = self.folder / f"{table}-rows.parquet"
        self.sleeper("query", table, "--output", output)
        found = pyarrow.parquet.read_table(output)
        expected = pyarrow.parquet.read_table(file).sort_by("k")
        self.assertEqual(found.num_rows, ROWS)
        for field in found.schema:
            theirs = expected[field.name].cast(field.type)
            self.assertEqual(found[field.name].combine_chunks().to_pylist(), theirs.combine_chunks().to_pylist(),
                             f"{file.name}: {field.name}")

    def test_of_duckdb(self):
        connection = duckdb.connect()
        table = rows()  # noqa: F841, DuckDB finds it by its name
        for codec in ("uncompressed", "snappy", "zstd", "gzip", "lz4_raw", "brotli"):
            for version in ("V1", "V2"):
                with self.subTest(codec=codec, version=version):
                    file = self.folder / f"duckdb-{codec}-{version}.parquet"
                    connection.execute(f"COPY (SELECT * FROM \"table\") TO '{file}' (FORMAT parquet, "
                                       f"COMPRESSION {codec}, PARQUET_VERSION {version}, ROW_GROUP_SIZE 4096)")
                    self.check(file, f"duckdb-{codec}-{version}".lower())

    def test_of_datafusion(self):
        for codec in ("uncompressed", "snappy", "zstd(3)", "gzip(6)", "lz4_raw"):
            for dictionary in (True, False):
                with self.subTest(codec=codec, dictionary=dictionary):
                    name = f"datafusion-{codec.split('(')[0]}-{dictionary}".lower()
                    context = datafusion.SessionContext()
                    table = context.from_arrow(rows())
                    options = datafusion.ParquetWriterOptions(
                        compression=codec, dictionary_enabled=dictionary, max_row_group_size=5_000,
                        data_page_row_count_limit=900, writer_version="1.0" if dictionary else "2.0")
                    file = self.folder / f"{name}.parquet"
                    table.write_parquet_with_options(str(file), options)
                    self.check(file, name)

    def test_of_pyarrow(self):
        table = rows()
        for version, codec, dictionary in (("1.0", "snappy", True), ("2.0", "zstd", True), ("1.0", "none", False),
                                           ("2.0", "lz4", False), ("1.0", "gzip", ["seldom", "run"])):
            with self.subTest(version=version, codec=codec, dictionary=dictionary):
                file = self.folder / f"pyarrow-{version}-{codec}.parquet"
                pyarrow.parquet.write_table(table, file, data_page_version=version, compression=codec,
                                            use_dictionary=dictionary, data_page_size=5_000, row_group_size=5_000,
                                            dictionary_pagesize_limit=10_000, write_page_checksum=version == "2.0")
                self.check(file, f"pyarrow-{version.replace('.', '-')}-{codec}")


if __name__ == "__main__":
    SLEEPER = sys.argv.pop(1)
    unittest.main()
