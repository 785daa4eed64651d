#!/usr/bin/env python3
"""Runs one part of the tests of the S3 adapter against a server that is started for it.

Usage: s3_test.py conformance|scenario --server versitygw|seaweedfs --suite PROGRAM --program PROGRAM

Ends with 77, which ctest counts as skipped, if the server is not installed: ./dev setup installs both where it can.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from s3_server import BUCKET, SECRET_KEY, SKIPPED, environment_for, find_server, running, say_not_installed

# Tests of the suite that a server fails by its own nature, not ours.
NOT_KEPT = {
    "versitygw": [
        # It lists a folder as the file system does, which may leave out a file while others beside it go.
        "ManyThreadsCreateAndDeleteInTheSameFolders",
        # On a busy machine the date in its answers lags behind the times of uploads by more than a second.
        "AWriteThatWasDroppedAsAbandonedCannotFinish",
    ],
    "seaweedfs": [
        # Of several multipart uploads that finish at the same time on condition, more than one succeeds.
        "OneOfEightThreadsCompletesAnUploadOfSeveralParts",
        # A put makes the bucket that it names.
        "AMissingBucketIsNotFound",
        # Listings follow the names of folders, not the bytes of keys, and start-after skips a folder as a whole.
        "ListsInTheOrderOfThePathsBytes",
        "AListingGoesOnAfterAPathThatNeedNotExist",
        "PagesOfAnySizeMakeTheSameListing",
        # A prefix that ends inside a character is an internal error.
        "APrefixMayEndAnywhere",
        # An object whose name was that of a folder cannot be read.
        "ADeletedObjectCanBeCreatedAgain",
        # A backslash becomes a slash.
        "PathsMayHoldUnusualCharacters",
    ],
}

# What a probe notes of a server; nothing relies on it. A race that is run on a busy machine may have one winner.
NOTED = {"versitygw": set(), "seaweedfs": {"list-order-beside-folders", "backslashes"}}
SOMETIMES_NOTED = {"versitygw": set(), "seaweedfs": {"multipart-if-absent-raced"}}


def conformance(arguments, endpoint):
    """Runs the suite that every store passes."""
    without = ":".join(f"*{name}*" for name in NOT_KEPT[arguments.server])
    return subprocess.run([arguments.suite, f"--gtest_filter=*{'-' + without if without else ''}", "--gtest_brief=1"],
                          env=environment_for(endpoint), check=False).returncode


class Scenario:
    """The program, from an empty bucket to answered queries."""

    def __init__(self, arguments, endpoint):
        self.program = arguments.program
        self.server = arguments.server
        self.environment = environment_for(endpoint)
        self.instance = f"s3://{BUCKET}/scenario/one"

    def run(self, *words, code=0, text="", **changes):
        done = subprocess.run([self.program, "--instance", self.instance, *words], input=text, text=True,
                              capture_output=True, env={**self.environment, **changes}, check=False)
        if done.returncode != code:
            sys.exit(f"sleeper {' '.join(words)} ended with {done.returncode}, not {code}:\n{done.stdout}{done.stderr}")
        if SECRET_KEY in done.stdout + done.stderr:
            sys.exit(f"sleeper {' '.join(words)} printed the secret key")
        return done.stdout, done.stderr

    def expect(self, what, found, wanted):
        if found != wanted:
            sys.exit(f"{what}: {found!r}, not {wanted!r}")

    def play(self, folder):
        schema = folder / "schema.json"
        schema.write_text(json.dumps({
            "rowKeyFields": [{"name": "key", "type": "StringType"}],
            "sortKeyFields": [],
            "valueFields": [{"name": "value", "type": "LongType"}]}))
        self.run("table", "list", code=3)
        self.check_probe()
        self.run("init")
        self.run("table", "create", "numbers", "--schema", str(schema))
        self.run("table", "create", "numbers", "--schema", str(schema), code=4)
        for job in range(3):
            rows = "key,value\n" + "".join(f"k{number:05},{number}\n" for number in range(job, 3000, 3))
            for _ in range(2):  # The second time it is done already.
                self.run("ingest", "numbers", "-", "--input-format", "csv", "--job-id", f"job-{job}", text=rows)
        self.check_rows()
        self.run("compact", "numbers", "--all")
        self.check_rows()
        stats = self.run("query", "numbers", "--key", "key=k00017", "--output-format", "csv", "--stats")[1]
        if "get" not in stats:
            sys.exit(f"no requests were counted: {stats}")
        self.check_refusals()

    def check_rows(self):
        whole = self.run("query", "numbers", "--output-format", "csv")[0].splitlines()
        self.expect("the whole table", whole, ["key,value"] + [f"k{number:05},{number}" for number in range(3000)])
        found = self.run("query", "numbers", "--range", "key=[k00100,k00103)", "--output-format", "csv")[0].splitlines()
        self.expect("a range", found, ["key,value", "k00100,100", "k00101,101", "k00102,102"])

    def check_refusals(self):
        self.run("table", "list", code=5, AWS_SECRET_ACCESS_KEY="wrong")
        self.run("table", "list", code=2, AWS_ENDPOINT_URL_S3="ftp://nowhere")
        self.instance = "s3://no-such-bucket/x"
        self.run("table", "list", code=3)
        self.run("init", code=3)

    def check_probe(self):
        report = json.loads(self.run("probe", "--format", "json")[0])
        self.expect("the probe", report["passed"], True)
        noted = {check["name"] for check in report["checks"] if not check["passed"]}
        if not NOTED[self.server] <= noted <= NOTED[self.server] | SOMETIMES_NOTED[self.server]:
            sys.exit(f"the probe notes {noted}, not {NOTED[self.server]}")


def scenario(arguments, endpoint):
    """Runs the program through a table's life."""
    with tempfile.TemporaryDirectory(prefix="sleeper-s3-scenario-") as folder:
        Scenario(arguments, endpoint).play(Path(folder))
    print("the scenario was played to its end")
    return 0


PARTS = {"conformance": conformance, "scenario": scenario}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=tuple(PARTS))
    parser.add_argument("--server", required=True, choices=tuple(NOT_KEPT))
    parser.add_argument("--suite", required=True)
    parser.add_argument("--program", required=True)
    arguments = parser.parse_args()
    program = find_server(arguments.server)
    if program is None:
        say_not_installed(arguments.server)
        return SKIPPED
    with running(arguments.server, program) as server:
        return PARTS[arguments.part](arguments, server.endpoint)


if __name__ == "__main__":
    sys.exit(main())
