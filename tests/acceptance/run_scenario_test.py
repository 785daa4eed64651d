"""Shows that each expectation of a scenario can fail."""

import pathlib
import tempfile
import unittest

import run_scenario

# Stands for the program: answers what it is told to.
PROGRAM = """#!/usr/bin/env bash
case $1 in
  say) echo "$2" ;;
  fail) echo "error: $2" >&2; exit 2 ;;
  query) cat rows 2>/dev/null || echo none ;;
  status) echo '{"logNumber":1,"list":[{"name":"a"}]}' ;;
esac
"""


class RunScenarioTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.count = 0
        self.program = pathlib.Path(self.folder.name) / "program"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)

    def play(self, text):
        self.count += 1
        folder = pathlib.Path(self.folder.name) / str(self.count)
        folder.mkdir()
        scenario = run_scenario.Scenario(self.program, folder, f"{folder}/instance")
        scenario.play(run_scenario.parse(text))

    def assert_fails(self, text, why):
        with self.assertRaisesRegex(run_scenario.Failure, why):
            self.play(text)

    def test_exit_codes(self):
        self.play("run exit 2\nsleeper fail no\nerr~ error: no\nnoout\n")
        self.assert_fails("run\nsleeper fail no\n", "exit code 2, wanted 0")
        self.assert_fails("run exit 3\nsleeper fail no\n", "exit code 2, wanted 3")

    def test_pieces_of_output(self):
        self.play("run\nsleeper say hello\nout~ hell\nout! bell\nnoerr\n")
        self.assert_fails("run\nsleeper say hello\nout~ bell\n", "not there")
        self.assert_fails("run\nsleeper say hello\nout! hell\n", "is there")
        self.assert_fails("run\nsleeper say hello\nnoout\n", "there is output")

    def test_whole_output(self):
        self.play("run\nsleeper say 'a 1 b'; echo c\n----\na {...} b\nc\n")
        self.play("run\nprintf 'a\\nb\\nc\\n'\n----\n...\nc\n")
        self.assert_fails("run\nsleeper say 'a b'; echo c\n----\na b\n", "not what was expected")

    def test_json(self):
        self.play('run\nsleeper status\noutjson logNumber = 1\noutjson list[0].name ~ ^a$\noutjson list.# = 1\n')
        self.assert_fails("run\nsleeper status\noutjson logNumber = 2\n", "logNumber is 1")
        self.assert_fails("run\nsleeper status\noutjson logNumber > 1\n", "logNumber is 1")
        self.assert_fails("run\nsleeper status\noutjson rows = 1\n", "no JSON with rows")
        self.assert_fails("run\nsleeper say hello\noutjson rows = 1\n", "no JSON with rows")

    def test_changes(self):
        self.play("remember t\n\nunchanged t\n")
        self.assert_fails("remember t\n\nfile rows\none\n\nunchanged t\n", "table t has changed")

    def test_records(self):
        self.assert_fails("runn\nsleeper status\n", "no directive 'runn'")
        self.assert_fails("# a comment\n\nrun exit 1\nsleeper say x\n", "line 3")

    def test_requirements(self):
        with self.assertRaises(run_scenario.Skipped):
            self.play("require command\nfalse\n")
        self.play("require command\ntrue\n\nrequire folder\n")


if __name__ == "__main__":
    unittest.main()
