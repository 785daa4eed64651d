#!/usr/bin/env python3
"""Starts a server of S3 on free ports of this machine, runs one part of the tests against it, and stops it.

Usage: s3_test.py conformance|scenario --server versitygw|seaweedfs --suite PROGRAM --program PROGRAM

Ends with 77, which ctest counts as skipped, if the server is not installed: ./dev setup installs both where it can.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ACCESS_KEY = "sleeper-test-key"
SECRET_KEY = "sleeper-test-secret"
BUCKET = "sleeper-test"
START_SECONDS_MAX = 60
SKIPPED = 77

# Tests of the suite that a server fails by its own nature, not ours.
NOT_KEPT = {
    "versitygw": [],
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


def find_server(name):
    """The program of a server, or None."""
    places = {"versitygw": ROOT / ".venv/bin/versitygw", "seaweedfs": ROOT / ".venv/bin/weed"}
    if places[name].exists():
        return str(places[name])
    return shutil.which(places[name].name)


def free_ports(count):
    """Ports that nobody listens on; a server may also listen 10,000 above each of them."""
    with contextlib.ExitStack() as stack:
        ports = []
        while len(ports) < count:
            one = stack.enter_context(socket.socket())
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port < 55_000:
                ports.append(port)
            elif port - 20_000 not in ports:
                ports.append(port - 20_000)
        return ports


def command_of(name, program, port, folder):
    """The command line that runs a server."""
    if name == "versitygw":
        (folder / "data").mkdir()
        return [program, "--quiet", "--port", f"127.0.0.1:{port}", "posix", str(folder / "data")]
    identity = {"name": "test", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    master, volume, filer = free_ports(3)
    return [program, "server", "-s3", f"-s3.port={port}", f"-s3.config={folder}/s3.json", f"-dir={folder}",
            "-ip=127.0.0.1", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}",
            "-master.volumeSizeLimitMB=64", "-volume.max=64", "-s3.port.iceberg=0"]


def answers(endpoint):
    """Whether the server answers requests, be it that it denies them."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(endpoint, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        return error.code in (400, 403)
    except OSError:
        return False


@contextlib.contextmanager
def running(name, program):
    """A server with an empty folder, as its endpoint; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sleeper-s3-") as text:
        folder = Path(text)
        (port,) = free_ports(1)
        environment = {**os.environ, "ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(command_of(name, program, port, folder), stdout=log, stderr=log, cwd=folder,
                                       env=environment)
            try:
                end = time.monotonic() + START_SECONDS_MAX
                while not answers(f"http://127.0.0.1:{port}/"):
                    if process.poll() is not None or time.monotonic() > end:
                        sys.exit(f"{name} did not start:\n{(folder / 'log').read_text(errors='replace')[-4000:]}")
                    time.sleep(0.1)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def environment_for(endpoint):
    """What the programs under test see: nothing of the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLEEPER_"))}
    return {**kept, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": endpoint, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_CONFIG_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1", "SLEEPER_TEST_S3_ENDPOINT": endpoint, "SLEEPER_TEST_S3_BUCKET": BUCKET}


def conformance(arguments, endpoint, only="*"):
    """Runs the suite that every store passes."""
    without = ":".join(f"*{name}*" for name in NOT_KEPT[arguments.server])
    selection = only + (f"-{without}" if without else "")
    return subprocess.run([arguments.suite, f"--gtest_filter={selection}", "--gtest_brief=1"],
                          env=environment_for(endpoint), check=False).returncode


class Scenario:
    """The program, from an empty bucket to answered queries."""

    def __init__(self, arguments, endpoint):
        self.program = arguments.program
        self.makes_buckets = "AMissingBucketIsNotFound" in NOT_KEPT[arguments.server]
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
        if not self.makes_buckets:
            self.run("init", code=3)


def scenario(arguments, endpoint):
    """Runs the program through a table's life."""
    # The suite makes the bucket.
    if conformance(arguments, endpoint, only="S3ServerTest.WrongKeysAreDenied") != 0:
        return 1
    with tempfile.TemporaryDirectory(prefix="sleeper-s3-scenario-") as folder:
        Scenario(arguments, endpoint).play(Path(folder))
    print("the scenario was played to its end")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("conformance", "scenario"))
    parser.add_argument("--server", required=True, choices=tuple(NOT_KEPT))
    parser.add_argument("--suite", required=True)
    parser.add_argument("--program", required=True)
    arguments = parser.parse_args()
    program = find_server(arguments.server)
    if program is None:
        print(f"skipped: {arguments.server} is not installed (./dev setup installs it; versitygw needs Go)")
        return SKIPPED
    with running(arguments.server, program) as endpoint:
        return (conformance if arguments.part == "conformance" else scenario)(arguments, endpoint)


if __name__ == "__main__":
    sys.exit(main())
