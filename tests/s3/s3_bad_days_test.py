#!/usr/bin/env python3
"""The program on bad days of a store: each ends with the right exit code, one error and a hint that says what to do.

Usage: s3_bad_days_test.py PROGRAM [unittest arguments…]

versitygw plays where it can produce the case, a server that answers as it is told plays the rest.
"""

import contextlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import s3_server
from s3_server import BUCKET, SECRET_KEY

PROGRAM = Path(sys.argv.pop(1)).resolve()
VERSITYGW = s3_server.find_server("versitygw")
SEAWEEDFS = s3_server.find_server("seaweedfs")
SCHEMA = '{"rowKeyFields":[{"name":"key","type":"LongType"}],"valueFields":[{"name":"value","type":"StringType"}]}'
# The program gives up a server that is away within this time.
PATIENCE_SECONDS = 120


class BadDay(unittest.TestCase):
    """Runs the program in a folder of its own."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sleeper-bad-day-")))
        (self.folder / "schema.json").write_text(SCHEMA)
        (self.folder / "one.csv").write_text("key,value\n1,a\n")
        self.instance = f"s3://{BUCKET}/{self.folder.name}"

    def environment(self, **changes):
        return {**s3_server.environment_for(self.endpoint), **changes}

    def start(self, *words, **changes):
        return subprocess.Popen([PROGRAM, "--format", "json", "--instance", self.instance, *words], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment(**changes), cwd=self.folder)

    def finish(self, process, code=0):
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, code, f"{process.args[3:]}: {out}{err}")
        self.assertNotIn(SECRET_KEY, out + err)
        return out, err

    def run_program(self, *words, code=0, **changes):
        return self.finish(self.start(*words, **changes), code)

    def expect_failure(self, *words, code, kind, message="", hint="", **changes):
        """One error, and nothing on standard output."""
        out, err = self.run_program(*words, code=code, **changes)
        self.assertEqual(out, "")
        (line,) = err.splitlines()
        error = json.loads(line)["error"]
        self.assertEqual(error["kind"], kind, error)
        self.assertIn(message, error["message"], error)
        self.assertIn(hint, error["hint"], error)
        self.assertTrue(error["hint"], f"no hint: {error}")

    def make_table(self):
        self.run_program("init")
        self.run_program("table", "create", "rows", "--schema", "schema.json")

    def rows(self):
        return json.loads(self.run_program("status", "rows")[0])["rows"]

    def write_rows(self, name, count):
        with open(self.folder / name, "w") as out:
            out.write("key,value\n")
            out.writelines(f"{number * 7919 % count},value {number}\n" for number in range(count))


class ServerThatGoesAway:
    """Tests of a server that is killed, and perhaps comes back, for each kind of server."""

    def test_a_server_that_is_away(self):
        self.make_table()
        self.run_program("ingest", "rows", "one.csv")
        self.server.kill()
        processes = [self.start(*words) for words in (("ingest", "rows", "one.csv", "--job-id", "a"), ("query", "rows"))]
        for process in processes:
            _, err = self.finish(process, code=5)
            error = json.loads(err)["error"]
            self.assertEqual(error["kind"], "unavailable", error)
            self.assertIn("endpoint", error["hint"])
        self.server.start()
        self.assertEqual(self.rows(), 1)

    def test_a_server_that_is_killed_and_comes_back_in_the_middle_of_ingests_and_queries(self):
        count = 100_000
        self.make_table()
        self.write_rows("many.csv", count)
        for job, moment in enumerate(self.moments):
            words = ("ingest", "rows", "many.csv", "--job-id", f"job {job}")
            ingest = self.start(*words)
            query = self.start("query", "rows", "--output", f"{job}.csv")
            time.sleep(moment)
            self.server.kill()
            time.sleep(0.5)
            self.server.start()
            _, err = ingest.communicate(timeout=PATIENCE_SECONDS)
            if ingest.returncode != 0:
                # Its commit was sent, and the answer lost: nobody but the log knows. Or all patience was used up.
                wanted = [(1, "outcome_unknown")] + [(5, "unavailable")] * self.takes_long_to_start
                self.assertIn((ingest.returncode, json.loads(err)["error"]["kind"]), wanted, err)
                self.assertIn(self.rows(), (job * count, (job + 1) * count))
                self.run_program(*words)
            _, err = query.communicate(timeout=PATIENCE_SECONDS)
            if query.returncode != 0:
                self.assertTrue(self.takes_long_to_start, err)
                self.assertEqual((query.returncode, json.loads(err)["error"]["kind"]), (5, "unavailable"))
                self.run_program("query", "rows", "--output", f"{job}.csv")
            with open(self.folder / f"{job}.csv") as lines:
                self.assertIn(sum(1 for _ in lines) - 1, (job * count, (job + 1) * count))
            again = json.loads(self.run_program(*words)[0])
            self.assertTrue(again["alreadyDone"])
            self.assertEqual(self.rows(), (job + 1) * count)


@unittest.skipIf(VERSITYGW is None, "versitygw is not installed (./dev setup builds it where there is Go)")
class OnVersitygw(ServerThatGoesAway, BadDay):
    # Seconds after an ingest and a query began.
    moments = (0.05, 0.15, 0.3, 0.45, 0.6)
    takes_long_to_start = False

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(s3_server.running("versitygw", VERSITYGW))
        self.endpoint = self.server.endpoint

    def test_wrong_credentials(self):
        self.make_table()
        for words in (("init",), ("query", "rows"), ("ingest", "rows", "one.csv")):
            self.expect_failure(*words, AWS_SECRET_ACCESS_KEY="wrong", code=5, kind="denied",
                                message="SignatureDoesNotMatch", hint="AWS_SECRET_ACCESS_KEY")
            self.expect_failure(*words, AWS_ACCESS_KEY_ID="nobody", code=5, kind="denied", hint="AWS_ACCESS_KEY_ID")

    def test_no_credentials_at_all(self):
        self.expect_failure("init", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_EC2_METADATA_DISABLED="true",
                            code=5, kind="denied", message="credentials")

    def test_a_missing_bucket(self):
        self.instance = "s3://no-such-bucket/x"
        for words in (("init",), ("table", "list"), ("ingest", "rows", "one.csv")):
            self.expect_failure(*words, code=3, kind="not_found")
        self.expect_failure("init", code=3, kind="not_found", message="NoSuchBucket", hint="create the bucket")

    def test_a_bucket_without_write_permission(self):
        self.make_table()
        self.run_program("ingest", "rows", "one.csv")
        self.server.kill()
        self.server.start(VGW_READ_ONLY="true")
        self.assertEqual(self.rows(), 1)
        self.assertIn('{"key":1', self.run_program("query", "rows", "--output-format", "jsonl")[0])
        self.expect_failure("ingest", "rows", "one.csv", code=5, kind="denied", hint="permission")
        self.expect_failure("table", "create", "more", "--schema", "schema.json", code=5, kind="denied", hint="permission")
        self.instance = f"s3://{BUCKET}/elsewhere"
        self.expect_failure("init", code=5, kind="denied", hint="permission")

    def test_an_instance_of_a_newer_version(self):
        self.run_program("init")
        path = self.server.folder / "data" / BUCKET / self.folder.name / "sleeper.json"
        text = path.read_text()
        path.write_text(text.replace('"formatVersion":1', '"formatVersion":2').replace(": 1", ": 2"))
        self.assertNotEqual(path.read_text(), text)
        for words in (("init",), ("table", "list"), ("ingest", "rows", "one.csv")):
            self.expect_failure(*words, code=2, kind="invalid", message="newer", hint="update the program")

    def test_a_bucket_that_holds_an_instance_already(self):
        first = json.loads(self.run_program("init")[0])
        second = json.loads(self.run_program("init")[0])
        self.assertEqual({**first, "created": False}, second)

    def test_roots_that_overlap(self):
        self.run_program("init")
        outer = self.instance
        for inner in (f"{outer}/tables", f"{outer}/in/side"):
            self.instance = inner
            self.expect_failure("init", code=4, kind="conflict", message=f"{inner} lies inside the instance {outer}",
                                hint="beside")
        for above in (f"s3://{BUCKET}", f"s3://{BUCKET}/"):
            self.instance = above
            self.expect_failure("init", code=4, kind="conflict", message=f"at {self.folder.name}/", hint="beside")
        self.instance = outer + "-beside"
        self.run_program("init")

    def test_a_certificate_that_nobody_trusts(self):
        if shutil.which("openssl") is None:
            self.skipTest("no openssl to make a certificate with")
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        with s3_server.running("versitygw", VERSITYGW, ["--cert", str(key.with_name("certificate.pem")), "--key",
                                                         str(key)]) as server:
            self.endpoint = server.endpoint
            self.expect_failure("init", code=5, kind="denied", message="certificate", hint="AWS_CA_BUNDLE")
            self.run_program("init", AWS_CA_BUNDLE=str(certificate))


@unittest.skipIf(SEAWEEDFS is None, "SeaweedFS is not installed (./dev setup installs it)")
class OnSeaweedfs(ServerThatGoesAway, BadDay):
    moments = (0.1, 0.5)
    # Some seconds on a machine at rest, and more than the program waits on a busy one.
    takes_long_to_start = True

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(s3_server.running("seaweedfs", SEAWEEDFS))
        self.endpoint = self.server.endpoint


class ScriptedHandler(http.server.BaseHTTPRequestHandler):
    """Answers as the server's `answer` says: (status, body, headers) for a method and a path."""

    protocol_version = "HTTP/1.1"

    def reply(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        status, body, headers = self.server.answer(self.command, self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = reply

    def log_message(self, *arguments):
        pass


def complaint(status, code, message="as the script says", **headers):
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, body.encode(), headers


class OnScriptedServer(BadDay):
    def setUp(self):
        super().setUp()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ScriptedHandler)
        server.daemon_threads = True
        self.server = server
        self.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def answer_always(self, answer):
        self.server.answer = lambda method, path: answer

    def test_an_expired_token(self):
        self.answer_always(complaint(400, "ExpiredToken"))
        for words in (("init",), ("table", "list")):
            self.expect_failure(*words, AWS_SESSION_TOKEN="old", code=5, kind="denied", message="ExpiredToken",
                                hint="get new ones")

    def test_a_clock_that_is_wrong(self):
        self.answer_always(complaint(403, "RequestTimeTooSkewed"))
        for words in (("init",), ("table", "list")):
            self.expect_failure(*words, code=5, kind="denied", message="RequestTimeTooSkewed", hint="clock")

    def test_a_permission_that_is_missing(self):
        self.answer_always(complaint(403, "AccessDenied"))
        self.expect_failure("table", "list", code=5, kind="denied", message="AccessDenied", hint="permission")

    def test_a_bucket_in_another_region(self):
        self.answer_always(complaint(301, "PermanentRedirect", **{"x-amz-bucket-region": "eu-west-3"}))
        self.expect_failure("table", "list", code=2, kind="invalid", hint="AWS_REGION to eu-west-3")

    def test_something_that_does_not_speak_s3(self):
        self.answer_always((200, b"<html>welcome</html>", {"Content-Type": "text/html"}))
        self.expect_failure("table", "list", code=5, kind="unavailable", hint="endpoint")

    def test_a_server_that_fails_twice_and_then_answers(self):
        calls = []

        def answer(method, path):
            calls.append(path)
            return complaint(503, "SlowDown") if len(calls) < 3 else complaint(404, "NoSuchKey")

        self.server.answer = answer
        self.expect_failure("table", "list", code=3, kind="not_found", message="there is no instance", hint="init")
        self.assertEqual(len(calls), 3)

    def test_as_many_attempts_as_are_asked_for(self):
        calls = []

        def answer(method, path):
            calls.append(path)
            return complaint(500, "InternalError")

        self.server.answer = answer
        for attempts in (1, 4):
            calls.clear()
            self.run_program("table", "list", code=5, AWS_MAX_ATTEMPTS=str(attempts))
            self.assertEqual(len(calls), attempts)
        for attempts in ("0", "many", "5 ", "1001"):
            self.expect_failure("table", "list", AWS_MAX_ATTEMPTS=attempts, code=2, kind="invalid",
                                hint="AWS_MAX_ATTEMPTS")

    def test_an_input_that_is_denied_changes_nothing(self):
        self.instance = str(self.folder / "instance")
        self.make_table()
        self.answer_always(complaint(403, "AccessDenied"))
        self.expect_failure("ingest", "rows", "s3://theirs/one.csv", code=5, kind="denied", message="s3://theirs/one.csv",
                            hint="permission")
        self.assertEqual(self.rows(), 0)


if __name__ == "__main__":
    unittest.main()
