"""Measures `sleeper` beside other programs that do the same work on the same files in the same run.

usage: side_by_side.py [ingest] [compact] [disjoint] [flights] [--rounds N] [--rows-millions M] [--reference-compact PROGRAM]

ingest:   unsorted reference rows into sorted Parquet, beside DuckDB's ORDER BY … COPY
compact:  11 sorted files of a million reference rows merged into one, beside the reference's `compact` if its path is given
disjoint: as compact, with files that have no keys in common
flights:  as ingest, with the real flights that the demo fetched

Prints tables in Markdown: medians over the rounds, of whole processes. The first line names machine and build.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import sys

import measure
import reference_rows

ROOT = pathlib.Path(__file__).resolve().parent.parent
SLEEPER = ROOT / "build/release/sleeper"
WORK = ROOT / "build/bench"
FLIGHTS = ROOT / "build/demo/flights-3m.parquet"
EVERYTHING = ["ingest", "compact", "disjoint", "flights"]
FLIGHTS_SCHEMA = {
    "rowKeyFields": [{"name": "origin", "type": "StringType"}, {"name": "date", "type": "TimestampType"}],
    "sortKeyFields": [{"name": "destination", "type": "StringType"}],
    "valueFields": [{"name": "delay", "type": "LongType"}, {"name": "distance", "type": "LongType"}],
}


def sleeper(instance, *arguments):
    measure.run_once([SLEEPER, "--instance", instance, *arguments])


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


def compact(title, folder, keys, reference, rounds):
    files = reference_rows.write_files(WORK / folder, 1_000_000, 11, keys=keys)
    pristine, instance = WORK / "compact-pristine", WORK / "compact-instance"
    fresh_table(pristine, reference_rows.SLEEPER_SCHEMA)
    for path in files:
        sleeper(pristine, "ingest", "t", path)
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
    measure.compare(title, 11_000_000, contenders, rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", help="ingest, compact, disjoint, flights; default: all")
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
        source, = reference_rows.write_files(WORK / f"shuffled-{millions}", millions * 1_000_000, 1, "shuffled")
        ingest(f"Ingest, {millions} M unsorted reference rows", source, reference_rows.SLEEPER_SCHEMA, "key, sort",
               millions * 1_000_000, chosen.rounds)
    if "compact" in what:
        compact("Compaction, 11 × 1 M reference rows", "sorted", "random", chosen.reference_compact, chosen.rounds)
    if "disjoint" in what:
        compact("Compaction, 11 × 1 M reference rows without overlap", "disjoint", "disjoint", chosen.reference_compact,
                chosen.rounds)
    if "flights" in what:
        if not FLIGHTS.exists():
            parser.error("the flights are not there: run ./dev demo once")
        ingest("Ingest, 3 M real flights", FLIGHTS, FLIGHTS_SCHEMA, "origin, date, destination", 3_000_000, chosen.rounds)


if __name__ == "__main__":
    try:
        main()
    except measure.Failed as failure:
        sys.exit(str(failure))
