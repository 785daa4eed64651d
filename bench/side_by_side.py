"""Measures `sleeper` beside other programs that do the same work on the same files in the same run.

usage: side_by_side.py [CASE…] [--rounds N] [--rows-millions M] [--reference-compact PROGRAM]

ingest:   unsorted reference rows into sorted Parquet, beside DuckDB's ORDER BY … COPY
sorted:   the same with rows that are in order already, one file
compact:  11 sorted files of a million reference rows merged into one, beside the reference's `compact` if its path is given
plain:    as compact, with our own files, encoded plainly, as inputs
disjoint: as compact, with files that have no keys in common
overlap:  as compact, with files of which 50 and 95 % lie where other files have keys, too
long:     as compact, with 11 × 100,000 rows of 420 bytes: random letters, random bytes, words, JSON objects
nested:   as compact, with 11 × 200,000 rows that have a list<string> and a map<string, long>
flights:  as ingest, with the real flights that the demo fetched
wide:     as ingest, with 200 columns of mixed types
scan:     pyarrow and DuckDB read all of a file that `sleeper` wrote, and of one that they wrote themselves

Prints tables in Markdown: medians over the rounds, of whole processes. The first line names machine and build.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys

import measure
import nested_rows
import reference_rows
import wide_rows

ROOT = pathlib.Path(__file__).resolve().parent.parent
SLEEPER = ROOT / "build/release/sleeper"
WORK = ROOT / "build/bench"
FLIGHTS = ROOT / "build/demo/flights-3m.parquet"
EVERYTHING = ["ingest", "sorted", "compact", "plain", "disjoint", "overlap", "long", "nested", "flights", "wide", "scan"]
ENCODINGS = ["parquet.encoding.rowkey.fields", "parquet.encoding.sortkey.fields", "parquet.encoding.value.fields"]
FLIGHTS_SCHEMA = {
    "rowKeyFields": [{"name": "origin", "type": "StringType"}, {"name": "date", "type": "TimestampType"}],
    "sortKeyFields": [{"name": "destination", "type": "StringType"}],
    "valueFields": [{"name": "delay", "type": "LongType"}, {"name": "distance", "type": "LongType"}],
}


def sleeper(instance, *arguments):
    measure.run_once([SLEEPER, "--instance", instance, *arguments])


def reference_files(folder, rows, files, order="sorted", overlap=100, value_letters=reference_rows.LETTERS, values="letters"):
    """Makes them in a process of its own: a program's peak memory counts from that of the process which starts it."""
    options = {"rows": rows, "files": files, "to": folder, "order": order, "overlap": overlap, "value-letters": value_letters,
               "values": values}
    arguments = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    made = subprocess.run([sys.executable, reference_rows.__file__, *arguments], check=True, capture_output=True, text=True)
    return [pathlib.Path(line) for line in made.stdout.splitlines()]


def fresh_table(instance, schema, **properties):
    """An instance in `instance` with nothing but an empty table `t`."""
    shutil.rmtree(instance, ignore_errors=True)
    schema_file = WORK / "schema.json"
    schema_file.write_text(json.dumps(schema))
    sleeper(instance, "init")
    settings = [part for name, value in properties.items() for part in ("--set", f"{name.replace('_', '.')}={value}")]
    sleeper(instance, "table", "create", "t", "--schema", schema_file, *settings)


def duckdb_sort(source, to, keys):
    """DuckDB's way to the same result: sorted Parquet, zstd level 1, one thread, the memory that an ingest may take."""
    program = (f"import duckdb; c = duckdb.connect(config={{'threads': 1, 'memory_limit': '1GB', "
               f"'temp_directory': '{WORK / 'duckdb-temporary'}'}}); "
               f"c.execute(\"COPY (SELECT * FROM read_parquet('{source}') ORDER BY {keys}) TO '{to}' "
               f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)\")")
    return [sys.executable, "-c", program]


def ingest(title, source, schema, keys, rows, rounds):
    instance = WORK / "ingest-instance"
    measure.compare(title, rows, [
        measure.Contender("DuckDB, ORDER BY … COPY, 1 thread", duckdb_sort(source, WORK / "duckdb.parquet", keys)),
        measure.Contender("sleeper ingest", [SLEEPER, "--instance", instance, "ingest", "t", source],
                          prepare=lambda: fresh_table(instance, schema)),
    ], rounds)


def compact(title, files, rows, reference, rounds, plain=False, megabytes=None, schema=reference_rows.SLEEPER_SCHEMA):
    pristine, instance = WORK / "compact-pristine", WORK / "compact-instance"
    encodings = {name.replace(".", "_"): "plain" for name in ENCODINGS} if plain else {}
    fresh_table(pristine, schema, **encodings)
    for path in files:
        sleeper(pristine, "ingest", "t", path)
    if plain:
        # What is written is not.
        sleeper(pristine, "table", "set", "t", *(f"{name}=auto" for name in ENCODINGS))
    data = sorted(pristine.glob("tables/*/data/**/*.parquet"))

    def reset():
        shutil.rmtree(instance, ignore_errors=True)
        shutil.copytree(pristine, instance)

    contenders = []
    if reference:
        output = (WORK / "reference-output.parquet").as_uri()
        command = [reference, "-k", "key", "-s", "sort", "-m", "aaaaaaaaaa", "-n", "zzzzzzzzzzzz", "--", output]
        contenders = [
            measure.Contender("the reference's compact, files of pyarrow", command + [path.as_uri() for path in files]),
            measure.Contender("the reference's compact, files of sleeper", command + [path.as_uri() for path in data]),
        ]
    contenders.append(measure.Contender("sleeper compact --all, files of sleeper",
                                        [SLEEPER, "--instance", instance, "compact", "t", "--all"], prepare=reset))
    measure.compare(title, rows, contenders, rounds, megabytes)


def scan(rounds):
    """Each reads files of the same rows: one that it wrote itself, and one of sleeper."""
    rows = 5_000_000
    source, = reference_files(WORK / "scan", rows, 1)
    instance = WORK / "scan-instance"
    fresh_table(instance, reference_rows.SLEEPER_SCHEMA)
    sleeper(instance, "ingest", "t", source)
    ours, = instance.glob("tables/*/data/**/*.parquet")
    of_pyarrow, of_duckdb = WORK / "scan/pyarrow.parquet", WORK / "scan/duckdb.parquet"
    python = [sys.executable, "-c"]
    measure.run_once(python + [f"import pyarrow.parquet as p; p.write_table(p.read_table('{source}'), '{of_pyarrow}', "
                               "compression='zstd', compression_level=1)"])
    measure.run_once(python + [f"import duckdb; duckdb.sql(\"COPY (FROM '{source}') TO '{of_duckdb}' "
                               "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)\")"])

    def pyarrow_reads(path):
        return python + [f"import pyarrow.parquet as p\n"
                         f"for batch in p.ParquetFile('{path}').iter_batches(65536, use_threads=False): pass"]

    def duckdb_reads(path):
        return python + [f"import duckdb\nc = duckdb.connect(config={{'threads': 1}})\n"
                         f"c.execute(\"SELECT bit_xor(hash(key, sort, value, nullable)) FROM '{path}'\").fetchall()"]

    for reader, command, own in (("pyarrow", pyarrow_reads, of_pyarrow), ("DuckDB", duckdb_reads, of_duckdb)):
        measure.compare(f"Full scan of {rows // 1_000_000} M reference rows by {reader}", rows, [
            measure.Contender(f"a file of {reader}, {own.stat().st_size / 1e6:.0f} MB", command(own)),
            measure.Contender(f"a file of sleeper, {ours.stat().st_size / 1e6:.0f} MB", command(ours)),
        ], rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", metavar="CASE", help=f"{', '.join(EVERYTHING)}; default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows-millions", type=int, default=10)
    parser.add_argument("--reference-compact", default=os.environ.get("SLEEPER_REFERENCE_COMPACT"),
                        help="the program `sleeper-compact` of the reference")
    chosen = parser.parse_args()
    unknown = set(chosen.what) - set(EVERYTHING)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    if not SLEEPER.exists():
        parser.error("build/release/sleeper is not there: run ./dev build release")
    what = chosen.what or EVERYTHING
    WORK.mkdir(parents=True, exist_ok=True)
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.platform(terse=True)}, median of {chosen.rounds} rounds")
    if "ingest" in what:
        millions = chosen.rows_millions
        source, = reference_files(WORK / f"shuffled-{millions}", millions * 1_000_000, 1, "shuffled")
        ingest(f"Ingest, {millions} M unsorted reference rows", source, reference_rows.SLEEPER_SCHEMA, "key, sort",
               millions * 1_000_000, chosen.rounds)
    if "sorted" in what:
        millions = chosen.rows_millions
        source, = reference_files(WORK / f"sorted-{millions}", millions * 1_000_000, 1)
        ingest(f"Ingest, {millions} M reference rows that are sorted already", source, reference_rows.SLEEPER_SCHEMA, "key, sort",
               millions * 1_000_000, chosen.rounds)
    million = 1_000_000

    def compact_with_overlap(title, overlap, plain=False):
        files = reference_files(WORK / f"overlap-{overlap}", million, 11, overlap=overlap)
        compact(title, files, 11 * million, chosen.reference_compact, chosen.rounds, plain)

    if "compact" in what:
        compact_with_overlap("Compaction, 11 × 1 M reference rows", 100)
    if "plain" in what:
        compact_with_overlap("Compaction, 11 × 1 M reference rows, encoded plainly", 100, plain=True)
    if "disjoint" in what:
        compact_with_overlap("Compaction, 11 × 1 M reference rows without overlap", 0)
    if "overlap" in what:
        for overlap in (50, 95):
            compact_with_overlap(f"Compaction, 11 × 1 M reference rows, {overlap} % of them with overlap", overlap)
    if "long" in what:
        for values in reference_rows.MAKERS:
            folder = "long" if values == "letters" else f"long-{values}"
            files = reference_files(WORK / folder, 100_000, 11, value_letters=222, values=values)
            # 10 bytes, 8 bytes, 222, and 222 in four rows of five.
            compact(f"Compaction, 11 × 100,000 rows of 420 bytes, {values}", files, 1_100_000, chosen.reference_compact,
                    chosen.rounds, megabytes=1.1 * (10 + 8 + 222 + 0.8 * 222), schema=reference_rows.schema_of(values))
    if "nested" in what:
        # Made in a process of its own, as reference_files are.
        made = subprocess.run([sys.executable, nested_rows.__file__, WORK / "nested", "200000", "11"], check=True,
                              capture_output=True, text=True)
        files = [pathlib.Path(line) for line in made.stdout.splitlines()]
        compact("Compaction, 11 × 200,000 rows with a list and a map", files, 2_200_000, chosen.reference_compact, chosen.rounds,
                schema=nested_rows.SLEEPER_SCHEMA)
    if "flights" in what:
        if not FLIGHTS.exists():
            parser.error("the flights are not there: run ./dev demo once")
        ingest("Ingest, 3 M real flights", FLIGHTS, FLIGHTS_SCHEMA, "origin, date, destination", 3_000_000, chosen.rounds)
    if "wide" in what:
        source = wide_rows.write_file(WORK / "wide.parquet", 100_000)
        ingest("Ingest, 100,000 rows of 200 columns", source, wide_rows.SLEEPER_SCHEMA, "c000", 100_000, chosen.rounds)
    if "scan" in what:
        scan(chosen.rounds)


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as failure:
        sys.exit(str(failure))
