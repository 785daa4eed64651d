#!/usr/bin/env python3
"""Servers of S3 on free ports of this machine, each with an empty bucket; gone with whoever started them.

Usage: s3_server.py versitygw|seaweedfs COMMAND…

Runs a command beside a server, with the variables of S3 and SLEEPER_TEST_S3_BUCKET in its environment, and ends as it
does; with 77, which ctest counts as skipped, if the server is not installed: ./dev setup installs both where it can.
"""

import contextlib
import json
import os
import shutil
import signal
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
PROGRAMS = {"versitygw": "versitygw", "seaweedfs": "weed"}


def find_server(name):
    """The program of a server, or None."""
    installed = ROOT / ".venv/bin" / PROGRAMS[name]
    return str(installed) if installed.exists() else shutil.which(PROGRAMS[name])


def say_not_installed(name):
    print(f"skipped: {name} is not installed (./dev setup installs it; versitygw needs Go)")


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


def environment_for(endpoint):
    """What the programs under test see: nothing of the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLEEPER_"))}
    return {**kept, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": endpoint, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_CONFIG_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1", "SLEEPER_TEST_S3_ENDPOINT": endpoint, "SLEEPER_TEST_S3_BUCKET": BUCKET}


class Server:
    """A server whose process and folder belong to a guard: see guard() below. Made by running()."""

    def __init__(self, name, program, folder, options):
        self.name = name
        self.folder = folder
        self.port, master, volume, self.filer = free_ports(4)
        secure = "--cert" in options
        self.endpoint = f"{'https' if secure else 'http'}://127.0.0.1:{self.port}"
        environment = {**os.environ, "ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
        if name == "versitygw":
            (folder / "data" / BUCKET).mkdir(parents=True)
            command = [program, "--quiet", "--port", f"127.0.0.1:{self.port}", *options,
                       "posix", str(folder / "data")]
        else:
            identity = {"name": "test", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
                        "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
            (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
            command = [program, "server", "-s3", f"-s3.port={self.port}", f"-s3.config={folder}/s3.json",
                       f"-dir={folder}", "-ip=127.0.0.1", f"-master.port={master}", f"-volume.port={volume}",
                       f"-filer.port={self.filer}", "-master.volumeSizeLimitMB=64", "-volume.max=64",
                       "-s3.port.iceberg=0", "-s3.port.lance=0", *options]
        # In a session of its own: an interrupt of the tests lets it end the server.
        self.guard = subprocess.Popen([sys.executable, __file__, "--guard", str(folder), *command], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=1,
                                      start_new_session=True)

    def _ask(self, word):
        self.guard.stdin.write(word + "\n")
        return self.guard.stdout.readline().strip()

    def start(self, **environment):
        """Starts it, also again, on the same port and with the same objects, and waits until it answers. versitygw takes
        settings from the environment."""
        self._ask("start " + json.dumps(environment))
        end = time.monotonic() + START_SECONDS_MAX
        while not self.answers():
            if self._ask("alive") == "no" or time.monotonic() > end:
                sys.exit(f"{self.name} did not start:\n{(self.folder / 'log').read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def kill(self):
        """Kills the process, whatever it is at."""
        self._ask("kill")

    def pause(self, seconds):
        """Stops the process, and lets it go on later, as a machine without time for it does."""
        self._ask("pause")
        time.sleep(seconds)
        self._ask("resume")

    def answers(self):
        """Whether the server answers requests, be it that it denies them."""
        if self.endpoint.startswith("https"):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2):
                return True
            return False
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.endpoint, timeout=2):
                return True
        except urllib.error.HTTPError as error:
            return error.code in (400, 403)
        except OSError:
            return False

    def make_bucket(self):
        if self.name == "seaweedfs":
            # The folder of its own file system in which its buckets are.
            request = urllib.request.Request(f"http://127.0.0.1:{self.filer}/buckets/{BUCKET}/", method="POST")
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()

    def files(self, folder, pattern="*"):
        """The keys of objects below a folder of the bucket, as the server's own files show them. `pattern` is of the names of
        folders directly below."""
        if self.name == "versitygw":
            root = self.folder / "data" / BUCKET
            found = set()
            for below in (root / folder).glob(pattern):
                # Folders vanish meanwhile.
                with contextlib.suppress(OSError):
                    found.update(str(path.relative_to(root)) for path in below.rglob("*")
                                 if path.is_file() and not path.name.startswith("."))
            return found
        found = set()
        waiting = [f"{folder}/{pattern}"]
        while waiting:
            at = waiting.pop()
            parent, _, name = at.partition("/*/")
            for path, is_folder in self._list_filer(parent):
                if name:
                    waiting.append(f"{path}/{name}")
                elif is_folder:
                    waiting.append(path)
                else:
                    found.add(path)
        return found

    def _list_filer(self, folder):
        """What is directly in a folder: paths in the bucket, and whether each is a folder."""
        url = f"http://127.0.0.1:{self.filer}/buckets/{BUCKET}/{folder}/?limit=100000"
        request = urllib.request.Request(url, headers={"Accept": "application/json"})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
                entries = json.load(answer).get("Entries") or []
        except OSError:
            return []
        prefix = f"/buckets/{BUCKET}/"
        return [(entry["FullPath"].removeprefix(prefix), bool(entry["Mode"] >> 31)) for entry in entries]

    def environment(self):
        return environment_for(self.endpoint)


@contextlib.contextmanager
def running(name, program, options=(), **environment):
    """A server that answers, with an empty bucket. `options` are further arguments of the server, `environment` settings
    that versitygw takes from there."""
    server = Server(name, program, Path(tempfile.mkdtemp(prefix="sleeper-s3-")), list(options))
    try:
        server.start(**environment)
        server.make_bucket()
        yield server
    finally:
        server.guard.communicate()


def guard(folder, command):
    """The parent of a server. Does what its standard input says; at its end, which comes also if the tests are killed,
    the server is killed and the folder removed."""
    process = None

    def kill():
        if process is not None:
            process.kill()
            process.wait()

    try:
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            answer = "done"
            if word == "start":
                with open(folder / "log", "ab") as log:
                    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                                               env={**os.environ, **json.loads(rest)})
            elif word == "kill":
                kill()
            elif word in ("pause", "resume"):
                process.send_signal(signal.SIGSTOP if word == "pause" else signal.SIGCONT)
            elif word == "alive":
                answer = "yes" if process.poll() is None else "no"
            print(answer, flush=True)
    finally:
        kill()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    if sys.argv[1] == "--guard":
        guard(Path(sys.argv[2]), sys.argv[3:])
        return 0
    name, command = sys.argv[1], sys.argv[2:]
    program = find_server(name)
    if program is None:
        say_not_installed(name)
        return SKIPPED
    with running(name, program) as server:
        return subprocess.run(command, env=server.environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
