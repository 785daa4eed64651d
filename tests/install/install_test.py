#!/usr/bin/env python3
"""The installed package is complete: a program can be built against it, and its own program runs from where it is put."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
arguments = None


def run(*command):
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env={key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"})
    if result.returncode != 0:
        raise AssertionError(f"{' '.join(command)} failed with {result.returncode}:\n{result.stdout}")
    return result.stdout


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="sleeper-install-")
        first = os.path.join(cls.folder, "first")
        run(arguments.cmake, "--install", arguments.build, "--prefix", first)
        # Whatever still points at the folder that it was installed into is found by moving it.
        cls.prefix = os.path.join(cls.folder, "moved")
        os.rename(first, cls.prefix)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_a_program_can_be_built_against_the_package(self):
        build = os.path.join(self.folder, "consumer")
        run(arguments.cmake, "-G", "Ninja", "-S", os.path.join(HERE, "consumer"), "-B", build,
            f"-DCMAKE_CXX_COMPILER={arguments.compiler}", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run(arguments.cmake, "--build", build)
        self.assertEqual(run(os.path.join(build, "consumer")), "invalid: two is not three\n")

    def test_the_program_runs_from_where_it_was_put(self):
        program = os.path.join(self.prefix, "bin", "sleeper")
        if not os.path.exists(os.path.join(arguments.build, "sleeper")):
            self.skipTest("this build has no program")
        self.assertIn(arguments.version, run(program, "--version"))

    def test_nothing_names_the_folder_of_the_build(self):
        for folder, _, names in os.walk(os.path.join(self.prefix, "lib", "cmake")):
            for name in names:
                with open(os.path.join(folder, name)) as file:
                    self.assertNotIn(os.path.realpath(arguments.build), file.read(), name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("--build", "--cmake", "--compiler", "--version"):
        parser.add_argument(option, required=True)
    arguments, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
