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
        f"  = {'' if status['rowsExact'] else 'about '}{status['rows']:,} rows, {status['files']} files, {status['bytes'] / 2**20:.1f} MiB,"
        f" {status['partitions']} partitions with {spread['min']} to {spread['max']} files each"
    )


def write_keys(original, path, count):
    """Takes keys from all over the file, every tenth of them twice, and as many again that are not there."""
    import duckdb

    rows = duckdb.execute(
        f"SELECT DISTINCT origin, date FROM (SELECT origin, date, row_number() OVER () AS n FROM '{original}')"
        f" WHERE n % (3000000 // {int(count)}) = 7 ORDER BY ALL"
    ).fetchall()
    lines = [f"{origin}\t{date.isoformat()}" for origin, date in rows]
    absent = [f"{origin}\t{date.replace(second=59).isoformat()}" for origin, date in rows]
    pathlib.Path(path).write_text("\n".join(lines + lines[::10] + absent) + "\n")
    print(f"  {len(lines):,} keys, a tenth of them twice, and as many that no flight has")


def count_disorder(database):
    """Counts the rows of `ours` whose key is less than the key of the row before."""
    return database.execute(
        "SELECT count(*) FROM ours AS a JOIN ours AS b ON b.place = a.place + 1"
        " WHERE (b.origin, b.date, b.destination) < (a.origin, a.date, a.destination)"
    ).fetchone()[0]


def compare(original, answers):
    """Compares the rows of each answer with DuckDB's, by number and sum of hashes, and looks at their order. Returns how
    many answers differ."""
    import duckdb

    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    database.execute(f"CREATE VIEW flights AS SELECT {COLUMNS} FROM '{original}'")
    database.execute(
        f"CREATE TABLE keys AS SELECT * FROM read_csv('{answers}/keys.txt', delim = '\t', header = false,"
        " columns = {'origin': 'VARCHAR', 'date': 'TIMESTAMP'})"
    )
    wrong = 0
    for name, condition in QUESTIONS.items():
        started = time.monotonic()
        database.execute(
            f"CREATE OR REPLACE TEMP TABLE ours AS SELECT date::TIMESTAMP AS date, delay, distance, origin, destination,"
            f" file_row_number AS place FROM read_parquet('{answers}/{name}.parquet', file_row_number = true)"
        )
        database.execute(f"CREATE OR REPLACE TEMP TABLE theirs AS SELECT {COLUMNS} FROM flights WHERE {condition}")
        (ours, our_hash), (theirs, their_hash) = (
            database.execute(f"SELECT count(*), sum(hash({COLUMNS})::HUGEINT) FROM {rows}").fetchone()
            for rows in ("ours", "theirs")
        )
        disorder = count_disorder(database)
        good = ours > 0 and (ours, our_hash) == (theirs, their_hash) and disorder == 0
        verdict = "the same, in key order" if good else "DIFFERENT"
        print(f"  {name:<11}{ours:>10,} rows {theirs:>10,} of DuckDB's  {verdict}  ({time.monotonic() - started:.1f} s)")
        if not good:
            wrong += 1
            missing, surplus = (
                database.execute(
                    f"SELECT count(*) FROM (SELECT {COLUMNS} FROM {one} EXCEPT ALL SELECT {COLUMNS} FROM {other})"
                ).fetchone()[0]
                for one, other in (("theirs", "ours"), ("ours", "theirs"))
            )
            print(f"    missing {missing:,}, too many {surplus:,}, out of order {disorder:,}", file=sys.stderr)
    return wrong


def main():
    command, arguments = sys.argv[1], sys.argv[2:]
    commands = {"slice": slice_file, "describe": describe, "keys": write_keys, "compare": compare}
    sys.exit(1 if commands[command](*arguments) else 0)


if __name__ == "__main__":
    main()
