#!/usr/bin/env python3
"""Ingest from buckets: objects, prefixes and globs of every format, as if they were files.

Usage: s3_inputs_test.py PROGRAM [unittest arguments…]
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy
import pyarrow
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

import s3_server
from s3_server import BUCKET

PROGRAM = Path(sys.argv.pop(1)).resolve()
VERSITYGW = s3_server.find_server("versitygw")
SCHEMA = """{"rowKeyFields":[{"name":"key","type":"LongType"}],
 "valueFields":[{"name":"text","type":"StringType"},{"name":"number","type":"LongType","nullable":true}]}"""


def rows(first, count):
    """Rows with keys from `first` on, in no order, and a column that the table does not have."""
    keys = numpy.random.default_rng(first).permutation(numpy.arange(first, first + count))
    return pyarrow.table({"text": [f"text of {key}" for key in keys], "key": keys, "unknown": keys * 0.5,
                          "number": pyarrow.array(keys, mask=keys % 7 == 0)})


def write(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    if ".csv" in path.suffixes:
        with pyarrow.output_stream(str(path)) as out:
            pyarrow.csv.write_csv(table, out)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    elif path.suffix == ".arrow":
        with pyarrow.ipc.new_file(str(path), table.schema) as out:
            out.write_table(table, max_chunksize=1000)
    elif path.suffix == ".arrows":
        with pyarrow.ipc.new_stream(str(path), table.schema) as out:
            out.write_table(table, max_chunksize=1000)
    else:
        pyarrow.parquet.write_table(table, path, row_group_size=2500)


@unittest.skipIf(VERSITYGW is None, "versitygw is not installed (./dev setup builds it where there is Go)")
class InputsInABucket(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Files that are put into its folder are objects without an ETag of their own.
        cls.server = cls.enterClassContext(s3_server.running("versitygw", VERSITYGW, VGW_DEFAULT_ETAG="theirs"))
        cls.bucket = cls.server.folder / "data" / BUCKET

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sleeper-s3-inputs-")))
        (self.folder / "schema.json").write_text(SCHEMA)
        self.run_program("init")
        self.run_program("table", "create", "rows", "--schema", "schema.json")

    def run_program(self, *words, code=0):
        done = subprocess.run([PROGRAM, "--instance", self.folder / "instance", "--format", "json", *words], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, cwd=self.folder,
                              env=s3_server.environment_for(self.server.endpoint), check=False)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def put(self, name, first, count):
        write(rows(first, count), self.bucket / name)

    def ingest(self, *paths, code=0):
        out, err = self.run_program("ingest", "rows", *paths, "--quiet", code=code)
        return json.loads(out) if code == 0 else json.loads(err)["error"]

    def expect_rows(self, *parts):
        """The table holds the rows of some (first, count)."""
        self.run_program("query", "rows", "--output", "back.parquet")
        expected = pyarrow.concat_tables([rows(*part) for part in parts]).select(["key", "text", "number"])
        found = pyarrow.parquet.read_table(self.folder / "back.parquet")
        self.assertEqual(found.to_pydict(), expected.sort_by("key").to_pydict())

    def test_every_format_is_read_as_from_a_file(self):
        names = ["a.parquet", "b.csv", "c.csv.gz", "d.jsonl", "e.arrow", "f.arrows"]
        for place, name in enumerate(names):
            self.put(f"formats/{name}", place * 10_000, 6000)
            result = self.ingest(f"s3://{BUCKET}/formats/{name}")
            self.assertEqual((result["rowsRead"], result["ignoredColumns"]), (6000, 1), name)
        self.expect_rows(*((place * 10_000, 6000) for place in range(len(names))))

    def test_a_prefix_stands_for_what_lies_below_it(self):
        self.put("prefix/in/b.parquet", 0, 100)
        self.put("prefix/in/deep/er/a.csv", 100, 100)
        for name in ("prefix/in/_SUCCESS", "prefix/in/.hidden.csv", "prefix/in/readme.txt", "prefix/in-between.csv"):
            (self.bucket / name).write_text("not to be read")
        self.ingest(f"s3://{BUCKET}/prefix/in")
        self.expect_rows((0, 100), (100, 100))

    def test_a_glob_stands_for_what_it_matches(self):
        for year in (2001, 2002, 2003):
            self.put(f"glob/{year}/part.parquet", year * 100, 50)
        self.assertEqual(self.ingest(f"s3://{BUCKET}/glob/200[12]/*.parquet")["rowsRead"], 100)
        self.expect_rows((200_100, 50), (200_200, 50))

    def test_a_job_is_done_once(self):
        self.put("once/a.parquet", 0, 100)
        for done in (False, True):
            result = self.ingest(f"s3://{BUCKET}/once/*", "--job-id", "once")
            self.assertEqual(result["alreadyDone"], done)
        self.expect_rows((0, 100))

    def test_files_and_objects_make_one_job(self):
        self.put("mixed/a.parquet", 0, 100)
        write(rows(100, 100), self.folder / "b.csv")
        self.assertEqual(self.ingest(f"s3://{BUCKET}/mixed/a.parquet", "b.csv")["rowsRead"], 200)
        self.expect_rows((0, 100), (100, 100))

    def test_only_the_columns_of_the_table_are_read_and_requests_are_priced(self):
        table = rows(0, 30_000).append_column("wide", pyarrow.array([b"%064d" % i * 20 for i in range(30_000)]))
        path = self.bucket / "columns/wide.parquet"
        path.parent.mkdir()
        pyarrow.parquet.write_table(table, path, compression="none", use_dictionary=False, row_group_size=10_000)
        _, err = self.run_program("ingest", "rows", f"s3://{BUCKET}/columns/", "--stats", "--quiet")
        stats = json.loads(err)["stats"]
        self.assertGreater(path.stat().st_size, 30_000_000)
        self.assertLess(stats["bytesRead"], 5_000_000)
        self.assertEqual(stats["requests"]["head"], 1)
        self.assertLess(stats["requests"]["get"], 40)
        self.assertGreater(stats["dollars"], 0)
        self.expect_rows((0, 30_000))

    def test_what_is_not_there_is_named(self):
        for path in ("nothing.parquet", "nothing/", "nothing-*.csv"):
            error = self.ingest(f"s3://{BUCKET}/{path}", code=3)
            self.assertIn(f"s3://{BUCKET}/{path}", error["message"])
            self.assertTrue(error["hint"])
        self.assertIn("NoSuchBucket", self.ingest("s3://no-such-bucket/a.csv", code=3)["message"])
        self.assertIn("gs://", self.ingest("gs://bucket/a.csv", code=2)["message"])
        self.ingest("s3:///a.csv", code=2)
        self.assertEqual(json.loads(self.run_program("status", "rows")[0])["rows"], 0)

    def test_an_object_that_is_no_parquet_file_is_refused(self):
        path = self.bucket / "bad/a.parquet"
        path.parent.mkdir()
        for text in ("", "PAR1", "no parquet file at all, but longer than its magic bytes"):
            path.write_text(text)
            self.assertIn("a.parquet", self.ingest(f"s3://{BUCKET}/bad/a.parquet", code=2)["message"])


if __name__ == "__main__":
    unittest.main()
