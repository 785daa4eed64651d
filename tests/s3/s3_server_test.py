#!/usr/bin/env python3
"""A server that was started for a test goes with the test, however that ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

import s3_server

GONE_SECONDS_MAX = 20


@unittest.skipIf(s3_server.find_server("versitygw") is None, "versitygw is not installed")
class ServerLifetime(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def start(self, command):
        """Starts a command beside a server, and says what the command printed first."""
        process = subprocess.Popen([sys.executable, s3_server.__file__, "versitygw", "bash", "-c", command], text=True,
                                   stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(self.folder)},
                                   start_new_session=True)
        self.addCleanup(process.stdout.close)
        return process, process.stdout.readline().strip()

    def expect_gone(self, endpoint):
        end = time.monotonic() + GONE_SECONDS_MAX
        while self.listens(endpoint) or list(self.folder.iterdir()):
            self.assertLess(time.monotonic(), end, f"still there: {endpoint}, {list(self.folder.iterdir())}")
            time.sleep(0.05)

    @staticmethod
    def listens(endpoint):
        port = urllib.parse.urlsplit(endpoint).port
        with s3_server.socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def test_ends_with_its_command_and_answers_as_it_does(self):
        process, endpoint = self.start("echo $AWS_ENDPOINT_URL_S3; exit 7")
        self.assertEqual(process.wait(), 7)
        self.expect_gone(endpoint)

    def test_is_gone_after_its_test_was_killed(self):
        process, endpoint = self.start("echo $AWS_ENDPOINT_URL_S3; exec sleep 100")
        self.assertTrue(self.listens(endpoint))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.expect_gone(endpoint)
        os.killpg(process.pid, signal.SIGKILL)

    def test_two_servers_do_not_meet(self):
        (first, one), (second, other) = (self.start("echo $AWS_ENDPOINT_URL_S3; read -r -t 0.1 || true") for _ in range(2))
        self.assertNotEqual(one, other)
        self.assertEqual((first.wait(), second.wait()), (0, 0))


if __name__ == "__main__":
    unittest.main()
