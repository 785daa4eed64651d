"""What the demo needs besides the program: slices of the flights, keys to look up, and DuckDB's answers to compare with."""

import json
import pathlib
import sys
import time

COLUMNS = "date, delay, distance, origin, destination"

# The queries of demo.sh, as SQL over the original file.
QUESTIONS = {
    "exact": "origin = 'SFO' AND date = TIMESTAMP '2001-04-28 08:59:00'",
    "range": "origin = 'SFO' AND date >= TIMESTAMP '2001-03-01' AND date < TIMESTAMP '2001-03-08'",
    "regions": "(origin >= 'JFK' AND origin < 'LAX') OR"
    " (origin >= 'LAS' AND origin <= 'LAX' AND date >= TIMESTAMP '2001-06-01')",
    "batch": "(origin, date) IN (SELECT origin, date FROM keys)",
    "everything": "true",
}


def slice_file(original, folder, count):
    """Cuts the file into `count` files of about the same size, in its own order."""
    import pyarrow.parquet as parquet

    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    table = parquet.read_table(original)
    rows = -(-len(table) // int(count))
    for part in range(int(count)):
        parquet.write_table(table.slice(part * rows, rows), folder / f"part-{part + 1}.parquet")
    print(f"  {count} files of {rows:,} rows in {folder.name}/")


def describe():
    """One line about a table, from its status as JSON."""
    status = json.load(sys.stdin)
    spread = status["filesPerPartition"]
    print(
        f"  = {'' if status['rowsExact'] else 'about '}{status['rows']:,} rows in {status['partitions']} partition(s),"
        f" {spread['min']} to {spread['max']} file(s) each; {status['files']} file(s), {status['bytes'] / 2**20:.1f} MiB"
    )


def write_keys(original, path, count):
    """Takes keys from all over the file, every tenth of them twice, and as many again that are not there."""
    import duckdb

    rows = duckdb.sql(
        f"SELECT DISTINCT origin, date FROM (SELECT origin, date, row_number() OVER () AS n FROM '{original}')"
        f" WHERE n % (3000000 // {int(count)}) = 7 ORDER BY ALL"
    ).fetchall()
    lines = [f"{origin}\t{date.isoformat()}" for origin, date in rows]
    absent = [f"{origin}\t{date.replace(second=59).isoformat()}" for origin, date in rows]
    pathlib.Path(path).write_text("\n".join(lines + lines[::10] + absent) + "\n")
    print(f"  {len(lines):,} keys, a tenth of them twice, and as many that no flight has")


def compare(original, answers):
    """Compares the rows of each answer with DuckDB's, both ways, and looks at their order. Returns how many differ."""
    import duckdb

    database = duckdb.connect()
    database.sql("SET TimeZone = 'UTC'")
    database.sql(f"CREATE VIEW flights AS SELECT {COLUMNS} FROM '{original}'")
    database.sql(
        f"CREATE TABLE keys AS SELECT * FROM read_csv('{answers}/keys.txt', delim = '\t', header = false,"
        " columns = {'origin': 'VARCHAR', 'date': 'TIMESTAMP'})"
    )
    wrong = 0
    for name, condition in QUESTIONS.items():
        started = time.monotonic()
        database.sql(
            f"CREATE OR REPLACE TEMP TABLE ours AS SELECT date::TIMESTAMP AS date, delay, distance, origin, destination,"
            f" file_row_number AS place FROM read_parquet('{answers}/{name}.parquet', file_row_number = true)"
        )
        database.sql(f"CREATE OR REPLACE TEMP TABLE theirs AS SELECT {COLUMNS} FROM flights WHERE {condition}")
        ours, theirs, missing, surplus, disorder = database.sql(
            f"""SELECT (SELECT count(*) FROM ours), (SELECT count(*) FROM theirs),
                (SELECT count(*) FROM (SELECT {COLUMNS} FROM theirs EXCEPT ALL SELECT {COLUMNS} FROM ours)),
                (SELECT count(*) FROM (SELECT {COLUMNS} FROM ours EXCEPT ALL SELECT {COLUMNS} FROM theirs)),
                (SELECT count(*) FROM (SELECT (origin, date, destination) AS key,
                   lag((origin, date, destination)) OVER (ORDER BY place) AS before FROM ours) WHERE key < before)"""
        ).fetchone()
        good = theirs > 0 and missing == surplus == disorder == 0
        wrong += not good
        verdict = "the same, in key order" if good else "DIFFERENT"
        print(f"  {name:<11}{ours:>10,} rows {theirs:>10,} of DuckDB's  {verdict}  ({time.monotonic() - started:.1f} s)")
        if not good:
            print(f"    missing {missing:,}, too many {surplus:,}, out of order {disorder:,}", file=sys.stderr)
    return wrong


def main():
    command, arguments = sys.argv[1], sys.argv[2:]
    commands = {"slice": slice_file, "describe": describe, "keys": write_keys, "compare": compare}
    sys.exit(1 if commands[command](*arguments) else 0)


if __name__ == "__main__":
    main()
