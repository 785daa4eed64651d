#!/usr/bin/env python3
"""Kills the program at any moment under load, runs it again, and looks for lost, doubled and half-visible rows.

Usage: crash_rounds.py --program PROGRAM --store folder|versitygw|seaweedfs [--rounds N] [--seconds S] [--seed N]

In a round several processes work on one table: writers, compactions, splits, ticks and readers. Meanwhile some of them, or
all, or the server are killed. Then every job whose answer was lost is run again, and the whole table is compared with what
was acknowledged. README.md beside this file has the details. A round whose fault it finds ends the run with exit code 1, and
leaves the table.
"""

import argparse
import collections
import contextlib
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy
import pyarrow.parquet

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "s3"))
import s3_server
from linked_rows import SCHEMA, Batch, faults_of

# Rounds on one table, before the next begins with an empty one.
ROUNDS_OF_TABLE = 10
COMMAND_SECONDS_MAX = 170
ATTEMPTS_MAX = 30
KILLS_OF_ROUND_MAX = 6
COMMANDS_OF_ROUND_MAX = 4
TICKS_TO_CLEAN_MAX = 5
READS_OF_ROUND_MAX = 2
# Kinds of objects whose appearance is a moment to kill at.
POINTS = ("log", "data", "bodies", "snapshots")
# Small bounds, so that much happens in little time.
PROPERTIES = {"compaction.strategy.class": "BasicCompactionStrategy", "compaction.files.batch.size": "3",
              "partition.splitting.threshold": "3000", "statestore.snapshot.every.entries": "7",
              "ingest.memory.bytes": "16M"}
# Only of the program: another process changed the table meanwhile, or the store was away for too long.
MAY_FAIL = {"conflict", "outcome_unknown", "unavailable", "throttled"}


class Fault(Exception):
    """Something that may never happen."""


class Processes:
    """The processes of the program that run now. Thread-safe."""

    def __init__(self, program, environment, folder):
        self.program = program
        self.environment = environment
        self.folder = folder
        self.lock = threading.Lock()
        self.running = {}
        self.kills = collections.Counter()

    def run(self, *words):
        """Runs the program to its end. The exit code, negative if it was killed, and both outputs."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            with self.lock:
                process = subprocess.Popen([self.program, "--format", "json", *words], stdin=subprocess.DEVNULL, stdout=out,
                                           stderr=err, env=self.environment, cwd=self.folder)
                self.running[process] = words[2]
            try:
                code = process.wait(COMMAND_SECONDS_MAX)
            except subprocess.TimeoutExpired as expired:
                process.kill()
                raise Fault(f"not done after {COMMAND_SECONDS_MAX} s: sleeper {' '.join(words)}") from expired
            finally:
                with self.lock:
                    self.running.pop(process, None)
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def kill(self, choose):
        """Kills those that `choose` picks from a list."""
        with self.lock:
            for process in choose(list(self.running)):
                process.send_signal(signal.SIGKILL)
                self.kills[self.running[process]] += 1


class Table:
    """A table, and what it must hold."""

    def __init__(self, processes, location, name, seed):
        self.processes = processes
        self.name = name
        self.instance = f"{location}/{name}"
        self.folder = processes.folder
        self.generator = numpy.random.default_rng(seed)
        self.lock = threading.Lock()
        self.acknowledged = {}
        self.others = {}
        self.last = {}
        self.batches = 0
        (self.folder / "schema.json").write_text(SCHEMA)
        self.must("init")
        # On every other table garbage goes at once, also what a writer that is still alive has written.
        self.keeps_garbage = bool(self.generator.integers(2))
        minutes = dict.fromkeys(("gc.delay.minutes", "sweep.age.minutes"), "60" if self.keeps_garbage else "0")
        self.must("table", "create", "rows", "--schema", "schema.json",
                  *(word for name, value in (PROPERTIES | minutes).items() for word in ("--set", f"{name}={value}")))

    def run(self, *words):
        return self.processes.run("--instance", self.instance, *words)

    def must(self, *words):
        code, out, err = self.run(*words)
        if code != 0:
            raise Fault(f"sleeper {' '.join(words)} ended with {code}: {err}")
        return out

    def attempt(self, *words):
        """Runs a command that may be killed, or find the table changed or the store away. True if it was done."""
        code, _, err = self.run(*words)
        if code == 0:
            return True
        if code < 0:
            if code != -signal.SIGKILL:
                raise Fault(f"sleeper {' '.join(words)} ended by signal {-code}: {err}")
            return False
        kinds = [json.loads(line)["error"]["kind"] for line in err.splitlines() if line.startswith('{"error"')]
        if len(kinds) != 1 or kinds[0] not in MAY_FAIL:
            raise Fault(f"sleeper {' '.join(words)} ended with {code}: {err}")
        return False

    def new_batch(self, writer):
        with self.lock:
            self.batches += 1
            size = int(self.generator.choice([1, 30, 500, 2000, 8000], p=[0.1, 0.2, 0.3, 0.3, 0.1]))
            batch = Batch(self.batches, size, self.generator, earlier=self.last.get(writer))
            self.others[batch.number] = batch
            return batch

    def acknowledge(self, writer, batch):
        with self.lock:
            del self.others[batch.number]
            self.acknowledged[batch.number] = batch
            self.last[writer] = batch

    def check(self, reader):
        """Reads the whole table while others may work on it. Says how many rows there are, or nothing if it was killed."""
        with self.lock:
            acknowledged = dict(self.acknowledged)
        path = self.folder / f"{reader}.parquet"
        if not self.attempt("query", "rows", "--output", str(path)):
            return None
        with self.lock:
            others = {**self.others, **self.acknowledged}
        rows = pyarrow.parquet.read_table(path)
        faults = faults_of(rows, acknowledged, others)
        if faults:
            raise Fault(f"{reader}: " + "; ".join(faults))
        return len(rows)

    def orphans(self, *options):
        """Compares the table with the store. How many objects belong to nobody; damage is a fault."""
        return json.loads(self.must("check", "rows", *options))["orphanFiles"]

    def rows(self):
        return json.loads(self.must("status", "rows"))["rows"]


class StoreFiles:
    """The objects of a store, as its own files show them: nobody is asked who is tested, or killed."""

    def __init__(self, folder, server):
        self.folder = folder
        self.server = server

    def found(self, instance, kind):
        """The objects of a kind that all tables of an instance have."""
        if self.server is not None:
            return self.server.files(f"{instance}/tables", f"*/{kind}")
        found = set()
        for folder in (self.folder / instance).glob(f"tables/*/{kind}"):
            with contextlib.suppress(OSError):
                found.update(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        return found


class Round:
    """One round on a table: its actors are threads, each with one process at a time."""

    def __init__(self, table, server, files, chance):
        self.table = table
        self.server = server
        self.files = files
        self.chance = chance
        self.faults = []
        self.repeated = 0
        self.given_up = 0
        self.reads = 0

    def play(self):
        actors = [self.writer("first"), self.writer("second"), self.upkeep(), self.reader()]
        threads = [threading.Thread(target=self.guarded, args=(actor,)) for actor in actors]
        for thread in threads:
            thread.start()
        self.guarded(self.killer)
        for thread in threads:
            thread.join()
        if self.faults:
            raise Fault("; ".join(self.faults))

    def guarded(self, actor):
        try:
            actor()
        except Fault as fault:
            self.faults.append(str(fault))

    def writer(self, name):
        plan = [(self.chance.random() < 0.1, self.chance.choice((".csv", ".parquet"))) for _ in range(2)]

        def write():
            for gives_up, suffix in plan:
                batch = self.table.new_batch(name)
                path = self.table.folder / f"batch-{batch.number}{suffix}"
                batch.write(path)
                for attempt in range(ATTEMPTS_MAX):
                    if self.table.attempt("ingest", "rows", str(path), "--job-id", f"batch-{batch.number}"):
                        self.table.acknowledge(name, batch)
                        break
                    if gives_up:
                        self.given_up += 1
                        break
                    self.repeated += 1
                    if attempt == ATTEMPTS_MAX - 1:
                        raise Fault(f"batch {batch.number} was not ingested in {ATTEMPTS_MAX} attempts")
                path.unlink()
        return write

    def upkeep(self):
        commands = [("compact", "rows"), ("compact", "rows", "--all"), ("split", "rows"), ("collect", "rows"),
                    ("sweep", "rows"), ("tick",), ("tick", "rows"), ("check", "rows")]
        plan = self.chance.choices(commands, k=COMMANDS_OF_ROUND_MAX)

        def keep():
            for words in plan:
                self.table.attempt(*words)
        return keep

    def reader(self):
        def read():
            for _ in range(READS_OF_ROUND_MAX):
                self.reads += self.table.check("reader") is not None
        return read

    def killer(self):
        for _ in range(self.chance.randint(1, KILLS_OF_ROUND_MAX)):
            wait = 0.7 * self.chance.random()
            if self.server is not None and self.chance.random() < 0.3:
                time.sleep(wait)
                self.server.kill()
                self.table.processes.kills["server"] += 1
                time.sleep(self.chance.choice((0.02, 0.2, 1.0)))
                self.server.start()
            elif self.chance.random() < 0.5:
                time.sleep(wait)
                self.table.processes.kill(lambda running: running and [self.chance.choice(running)])
            else:
                self.await_point(self.chance.choice(POINTS), time.monotonic() + 2)
                self.table.processes.kill(lambda running: running)

    def await_point(self, kind, end):
        """Waits until an object of a kind appears in the store."""
        before = self.files.found(self.table.name, kind)
        while time.monotonic() < end and self.files.found(self.table.name, kind) <= before:
            time.sleep(0.002)


def settle(table, files):
    """Runs every background operation with nobody disturbing it, and compares the table once more, also with the store."""
    for words in (("compact", "rows", "--all", "--take-over"), ("split", "rows"), ("tick",)):
        table.must(*words)
    rows = table.check("after the rounds")
    for _ in range(TICKS_TO_CLEAN_MAX):
        garbage = len(files.found(table.name, "data")) - json.loads(table.must("status", "rows"))["files"]
        orphans = table.orphans("--deep")
        if table.keeps_garbage or garbage == orphans == 0:
            break
        table.must("tick")
    else:
        raise Fault(f"{garbage} data files that nobody refers to, and {orphans} orphans, are still there after "
                    f"{TICKS_TO_CLEAN_MAX} ticks")
    if rows != table.rows():
        raise Fault(f"the status counts {table.rows()} rows, a query {rows}")
    return rows


def play(arguments, processes, location, files, server, figures):
    chance = random.Random(arguments.seed)
    end = time.monotonic() + arguments.seconds
    table = None
    for number in range(arguments.rounds):
        if number >= arguments.rounds_min and time.monotonic() > end:
            break
        if number % ROUNDS_OF_TABLE == 0:
            if table is not None:
                figures["rows"] += settle(table, files)
            table = Table(processes, location, f"table-{number}", chance.randrange(2**32))
        this = Round(table, server, files, chance)
        try:
            this.play()
            table.orphans()
            rows = table.check("after the round")
        except Fault as fault:
            raise Fault(f"round {number} on {table.instance}: {fault}") from fault
        figures.update(rounds=1, repeated=this.repeated, given_up=this.given_up, reads=this.reads)
        print(f"round {number}: {rows} rows, {this.repeated} jobs run again, {this.reads} reads meanwhile", flush=True)
    figures["rows"] += settle(table, files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=Path)
    parser.add_argument("--store", choices=("folder", *s3_server.PROGRAMS), default="folder")
    parser.add_argument("--rounds", type=int, default=20, help="at most so many rounds")
    parser.add_argument("--rounds-min", type=int, default=1, help="so many whatever the time")
    parser.add_argument("--seconds", type=float, default=1e9, help="no further round begins after so many")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}: it chooses rows and faults; the moments are the machine's")
    program = None if arguments.store == "folder" else s3_server.find_server(arguments.store)
    if arguments.store != "folder" and program is None:
        s3_server.say_not_installed(arguments.store)
        return s3_server.SKIPPED
    folder = Path(tempfile.mkdtemp(prefix="sleeper-crash-"))
    figures = collections.Counter()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        server, location = None, str(folder / "instances")
        if program is not None:
            server = stack.enter_context(s3_server.running(arguments.store, program))
            location = f"s3://{s3_server.BUCKET}"
        endpoint = server.endpoint if server is not None else "http://127.0.0.1:1"
        environment = {**s3_server.environment_for(endpoint), "TMPDIR": str(folder)}
        processes = Processes(arguments.program.resolve(), environment, folder)
        try:
            play(arguments, processes, location, StoreFiles(folder / "instances", server), server, figures)
        except Fault as fault:
            if server is not None:
                shutil.copytree(server.folder, folder / "server")
            print(f"FAULT: {fault}\nkept: {folder}\nagain: --store {arguments.store} --seed {arguments.seed}")
            return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"store": arguments.store, "seconds": round(time.monotonic() - started), **figures,
                      "kills": dict(processes.kills)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
