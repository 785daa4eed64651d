"""Runs acceptance scenarios: text files that say what the program is called with and what it has to answer. README.md here
describes them."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

COMMAND_SECONDS_MAX = 120

# What the commands of a scenario find besides the program itself.
PRELUDE = """
set -o pipefail
# Runs a command without the rights of root, which would get past any permission.
unprivileged() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; else "$@"; fi
}
"""


class Failure(Exception):
    """A record that did not come out as the scenario says."""


class Skipped(Exception):
    """The scenario needs something that this machine does not have."""


class Record:
    """A directive with the lines below it, up to a blank line."""

    def __init__(self, number, lines):
        self.number = number
        self.words = lines[0].split()
        self.directive = self.words[0]
        self.lines = lines[1:]


def parse(text):
    """Cuts a scenario into records. Lines that begin with "#" between records are for people."""
    records = []
    current = []
    begin = 0
    for number, line in enumerate(text.splitlines() + [""], start=1):
        if not current and (not line.strip() or line.startswith("#")):
            continue
        if line.strip():
            begin = begin if current else number
            current.append(line)
        else:
            records.append(Record(begin, current))
            current = []
    return records


def member(value, path):
    """The member of a JSON value at a path such as "tables[0].name"; "#" is the number of members."""
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        if index:
            value = value[int(index)]
        elif name == "#":
            value = len(value)
        else:
            value = value[name]
    return value


def check_json(text, expectation):
    """Expectations: "PATH = JSON", "PATH ~ REGEX", "PATH > NUMBER", "PATH < NUMBER"; "." is the whole."""
    path, operator, wanted = expectation.split(None, 2)
    try:
        value = json.loads(text)
        value = value if path == "." else member(value, path)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Failure(f"no JSON with {path}: {error!r}") from error
    if operator == "~":
        holds = re.search(wanted, value if isinstance(value, str) else json.dumps(value)) is not None
    else:
        number = json.loads(wanted)
        holds = {"=": lambda: value == number, ">": lambda: value > number, "<": lambda: value < number}[operator]()
    if not holds:
        raise Failure(f"{path} is {json.dumps(value)}, wanted {operator} {wanted}")


def check_lines(output, expected):
    """Compares line by line; "{...}" in an expected line stands for any text, and a line "..." for any lines."""
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*?"
        elif line == "(blank)":
            pattern += "\n"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.split("{...}")) + "\n"
    if re.fullmatch(pattern, output) is None:
        raise Failure("standard output is not what was expected:\n" + textwrap.indent("\n".join(expected), "    "))


class Scenario:
    """One scenario on a fresh instance in a fresh folder."""

    def __init__(self, program, folder, location):
        self.program = program
        self.folder = folder
        self.location = location
        self.remembered = {}
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SLEEPER")}
        self.environment |= {
            "SLEEPER_INSTANCE": location,
            "INSTANCE": location,
            "WORK": str(folder),
            "PROGRAM": str(program),
            "PYTHON": sys.executable,
            "PATH": f"{folder}/.program:{os.environ['PATH']}",
            "TMPDIR": str(folder / ".scratch"),
            "LC_ALL": "C.UTF-8",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
        }
        (folder / ".program").mkdir()
        (folder / ".program" / "sleeper").symlink_to(program)
        (folder / ".scratch").mkdir()
        (folder / ".scratch").chmod(0o1777)

    def execute(self, command):
        return subprocess.run(
            ["bash", "-c", PRELUDE + command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )

    def contents(self, table):
        """All that a table is: its rows, and the number of its log."""
        rows = self.execute(f"sleeper query {table} --quiet --output-format jsonl")
        status = self.execute(f"sleeper status {table} --format json")
        if rows.returncode or status.returncode:
            raise Failure(f"table {table} cannot be read: {(rows.stderr + status.stderr).decode()}")
        return rows.stdout, status.stdout

    def file(self, record):
        path = self.folder / record.words[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(line + "\n" for line in record.lines))

    def python(self, record):
        """Runs Python in the scenario's folder, to make files that are no text."""
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(record.lines)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        if done.returncode:
            raise Failure(done.stderr.decode())

    def require(self, record):
        """Skips the scenario if a command fails, or if the instance is not of a kind."""
        if record.words[1] == "folder":
            if "://" in self.location:
                raise Skipped("needs an instance in a folder")
        elif self.execute("\n".join(record.lines)).returncode:
            raise Skipped("needs: " + " ".join(record.lines))

    def remember(self, record):
        self.remembered[record.words[1]] = self.contents(record.words[1])

    def unchanged(self, record):
        if self.contents(record.words[1]) != self.remembered[record.words[1]]:
            raise Failure(f"table {record.words[1]} has changed")

    def run(self, record):
        wanted_exit = int(record.words[2]) if record.words[1:2] == ["exit"] else 0
        command = []
        expectations = []
        expected_lines = None
        for line in record.lines:
            if expected_lines is not None:
                expected_lines.append(line)
            elif line == "----":
                expected_lines = []
            elif re.match(r"(out|err)(json)?[~!] |(out|err)json |noout|noerr", line):
                expectations.append(line)
            else:
                command.append(line)
        done = self.execute("\n".join(command))
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        try:
            if done.returncode != wanted_exit:
                raise Failure(f"exit code {done.returncode}, wanted {wanted_exit}")
            for expectation in expectations:
                self.check(expectation, out, err)
            if expected_lines is not None:
                check_lines(out, expected_lines)
        except Failure as failure:
            raise Failure(
                "\n".join(command) + f"\n  {failure}\nstdout:\n" + textwrap.indent(out[-4000:], "    ")
                + "\nstderr:\n" + textwrap.indent(err[-4000:], "    ")
            ) from failure

    @staticmethod
    def check(expectation, out, err):
        """"out~ TEXT" and "err~ TEXT": is there; "out! TEXT": is not; "outjson PATH = VALUE"; "noout", "noerr"."""
        kind, _, rest = expectation.partition(" ")
        output = out if kind.removeprefix("no").startswith("out") else err
        if kind.startswith("no"):
            if output:
                raise Failure(f"{kind}: there is output")
        elif kind.endswith("json"):
            check_json(output, rest)
        elif kind.endswith("~") and rest not in output:
            raise Failure(f"{expectation}: not there")
        elif kind.endswith("!") and rest in output:
            raise Failure(f"{expectation}: is there")

    def play(self, records):
        directives = {
            "file": self.file,
            "python": self.python,
            "require": self.require,
            "remember": self.remember,
            "unchanged": self.unchanged,
            "run": self.run,
        }
        for record in records:
            if record.directive not in directives:
                raise Failure(f"line {record.number}: no directive {record.directive!r}")
            try:
                directives[record.directive](record)
            except Failure as failure:
                raise Failure(f"line {record.number}: {failure}") from failure
            except subprocess.TimeoutExpired as expired:
                raise Failure(f"line {record.number}: not done after {expired.timeout} s") from expired


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--location", default="{folder}/instance", help="where instances are made; {folder} and {name} are fresh")
    parser.add_argument("scenarios", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    failed = False
    for path in arguments.scenarios:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"sleeper-{path.stem}-"))
        folder.chmod(0o755)
        scenario = Scenario(arguments.program.resolve(), folder, arguments.location.format(folder=folder, name=folder.name))
        try:
            scenario.play(parse(path.read_text()))
            print(f"{path.name}: passed")
        except Skipped as skipped:
            print(f"{path.name}: skipped, {skipped}")
        except Failure as failure:
            failed = True
            print(f"{path.name}, {failure}\nagain: {sys.argv[0]} --program {arguments.program} {path}", file=sys.stderr)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
