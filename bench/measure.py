"""Runs programs as whole processes and takes the operating system's account of each: CPU seconds, wall seconds, memory."""
import dataclasses
import os
import statistics
import subprocess
import sys
import time


@dataclasses.dataclass
class Run:
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int


class Failed(Exception):
    pass


def run_once(command, environment=None):
    """Runs `command` with its output kept away; raises Failed with that output if it fails."""
    started = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env={**os.environ, **(environment or {})})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {process.returncode}:\n"
                     + output.decode(errors="replace")[-4000:])
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


@dataclasses.dataclass
class Contender:
    """One program that does the work. `prepare` is called before each run and not measured."""
    name: str
    command: list
    prepare: object = None
    environment: dict = None


def compare(title, rows, contenders, rounds, megabytes=None):
    """Runs the contenders in turn, `rounds` times, and prints the median of each with its ratio to the first one. If
    `megabytes` says how large the rows are, also how many of these each does in a CPU-second."""
    runs = {contender.name: [] for contender in contenders}
    for round_number in range(rounds):
        for contender in contenders:
            print(f"\r{title}: round {round_number + 1} of {rounds}, {contender.name} …", end="", file=sys.stderr, flush=True)
            if contender.prepare is not None:
                contender.prepare()
            runs[contender.name].append(run_once(contender.command, contender.environment))
    print("\r\033[K", end="", file=sys.stderr)
    print(f"\n### {title}\n")
    more_heads = " MB per CPU-second |" if megabytes else ""
    print("| program | CPU s | wall s | M rows per CPU-second | memory MB | rows per CPU-second, ratio to the first |"
          + more_heads)
    print("|---|---|---|---|---|---|" + ("---|" if megabytes else ""))
    first = None
    for contender in contenders:
        of_this = runs[contender.name]
        cpu = statistics.median(run.cpu_seconds for run in of_this)
        wall = statistics.median(run.wall_seconds for run in of_this)
        memory = max(run.memory_bytes for run in of_this)
        first = first or cpu
        more = f" {megabytes / cpu:.0f} |" if megabytes else ""
        print(f"| {contender.name} | {cpu:.2f} | {wall:.2f} | {rows / cpu / 1e6:.2f} | {memory / 1e6:.0f} | {first / cpu:.2f} |"
              + more)
    return runs
