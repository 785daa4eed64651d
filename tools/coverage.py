#!/usr/bin/env python3
"""Prints how many lines of each room were run, from a build with coverage counters. Usage: coverage.py BUILD_FOLDER"""

import collections
import json
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
ROOMS_FOLDER = os.path.join(ROOT, "src/sleeper") + os.sep


def counter_files(build):
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(os.path.realpath(build)) for name in names
                  if name.endswith(".gcda"))


def line_counts(build, counters):
    """{path below the rooms' folder: {line: times run}} of the product's code."""
    counts = collections.defaultdict(collections.Counter)
    for start in range(0, len(counters), 50):
        result = subprocess.run(["gcov", "--json-format", "--stdout", *counters[start:start + 50]], cwd=build, check=True,
                                capture_output=True, text=True)
        for document in result.stdout.splitlines():
            report = json.loads(document) if document else {"files": []}
            for file in report["files"]:
                path = os.path.realpath(os.path.join(report["current_working_directory"], file["file"]))
                if not path.startswith(ROOMS_FOLDER) or path.endswith(("_test.cc", "_benchmark.cc", "_fuzz.cc")):
                    continue
                lines = counts[path[len(ROOMS_FOLDER):]]
                for line in file["lines"]:
                    lines[line["line_number"]] += line["count"]
    return counts


def main():
    build = sys.argv[1]
    counters = counter_files(build)
    if not counters:
        print(f"coverage: no counters in {build}; run its tests first")
        return 1
    rooms = collections.defaultdict(lambda: [0, 0])
    for path, lines in line_counts(build, counters).items():
        room = rooms[path.split(os.sep)[0]]
        room[0] += len(lines)
        room[1] += sum(count > 0 for count in lines.values())
    for room, (lines, run) in sorted(rooms.items()):
        print(f"{room:12} {run:6} of {lines:6} lines  {100 * run / lines:5.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
