#!/usr/bin/env python3
"""Shows that each rule of tidy.py can fail, and that a tree that keeps them passes."""

import json
import os
import tempfile
import unittest

import functions
import source_tree
import tidy

GOOD = {
    "README.md": "# Title\n\n[guide](docs/guide.md#two-words) [self](#title) [web](https://example.org/) `[code](gone.md)`\n",
    "docs/guide.md": "# Guide\n\n## Two *words*\n\n```\n[fenced](gone.md)\n```\n",
    "src/sleeper/model/CMakeLists.txt": "sleeper_room(model)\n",
    "src/sleeper/model/README.md": "# model\n",
    "src/sleeper/model/field.h": "#pragma once\n\n// throw new std::thread(\"quoted\")\n",
    "src/sleeper/model/field.cc": '#include "sleeper/model/field.h"\n\n#include <new>\n\n'
                                  'const char* kText = R"(throw)";\nField(const Field&) = delete;\n',
    "src/sleeper/model/field_test.cc": '#include "sleeper/model/field.h"\n\nconst char* kHome = getenv("SEEDS");\n',
    "src/sleeper/base/time.cc": "auto now = std::chrono::system_clock::now();\nstd::mutex mutex;\n",
    "tests/sim/scheduler.cc": "std::thread actor;\nstd::condition_variable baton;\n",
    "src/sleeper/cli/main.cc": 'int main() { return getenv("SLEEPER_INSTANCE") != nullptr; }\n',
}


def write(root, path, text):
    os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
    with open(os.path.join(root, path), "w") as file:
        file.write(text)


def function_of(lines, name="Long"):
    """A function of so many lines."""
    return f"void {name}() {{\n" + "  Step();\n" * (lines - 2) + "}\n"


class TidyTest(unittest.TestCase):
    def check(self, files, compiled=None):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**GOOD, **files}.items():
                write(root, path, text)
            commands = None
            if compiled is not None:
                commands = os.path.join(root, "build/compile_commands.json")
                write(root, "build/compile_commands.json",
                      json.dumps([{"directory": root, "file": path} for path in compiled]))
            return tidy.check(root, commands)

    def assert_fault(self, path, text, expected, files=()):
        faults, _ = self.check({**dict(files), path: text})
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(expected, str(faults[0]))

    def assert_code_fault(self, line, expected):
        self.assert_fault("src/sleeper/model/a.cc", f"\n{line}\n", f"src/sleeper/model/a.cc:2: {expected}")

    def test_a_tree_that_keeps_the_rules_passes(self):
        self.assertEqual(self.check({}), ([], []))

    def test_each_ban_names_its_replacement(self):
        for line, expected in [
            ("auto t = std::chrono::steady_clock::now();", "not 'steady_clock::now': use Clock"),
            ("auto t = std::chrono::system_clock::now();", "not 'system_clock::now': use Clock"),
            ("clock_gettime(CLOCK_REALTIME, &t);", "not 'clock_gettime': use Clock"),
            ("std::random_device seed;", "not 'random_device': use Random"),
            ("int x = rand();", "not 'rand(': use Random"),
            ("std::thread t;", "not 'std::thread': use TaskGroup"),
            ("auto f = std::async(G);", "not 'std::async': use TaskGroup"),
            ("std::condition_variable c;", "not 'condition_variable': use Event"),
            ("std::future<int> f;", "not 'std::future': use TaskGroup"),
            ("std::counting_semaphore<2> s(2);", "not 'counting_semaphore': use TaskGroup"),
            ("std::this_thread::sleep_for(1s);", "not 'sleep_for': use SleepUntil"),
            ("usleep(1);", "not 'usleep': use SleepUntil"),
            ("std::mutex m;", "not 'std::mutex': use Mutex"),
            ("std::lock_guard lock(m);", "not 'std::lock_guard': use Mutex"),
            ('auto home = std::getenv("HOME");', "not 'getenv': use a parameter"),
            ("throw std::runtime_error(text);", "not 'throw': use Status"),
            ("auto p = new Table();", "not 'new T': use std::make_unique"),
            ("delete p;", "not 'delete p': use std::unique_ptr"),
            ("delete[] p;", "not 'delete[] p': use std::unique_ptr"),
            ("properties.set_pre_buffer(true);", "not 'set_pre_buffer(true': use TaskGroup"),
            ("options.use_threads = true;", "not 'use_threads = true': use TaskGroup"),
        ]:
            with self.subTest(line):
                self.assert_code_fault(line, expected)

    def test_threads_are_banned_in_tests_of_other_rooms_too(self):
        self.assert_fault("src/sleeper/model/a_test.cc", "std::thread t;\n", "not 'std::thread'")

    def test_bans_do_not_see_comments_and_literals(self):
        for line in ["// throw", "/* new T */", 'Say("throw new T");', 'Say("\\"throw");', 'Say(R"x(throw ")")x");',
                     "int a = 1'000'000; // 'throw'"]:
            with self.subTest(line):
                self.assertEqual(self.check({"src/sleeper/model/a.cc": line + "\n"}), ([], []))

    def test_names_that_say_nothing(self):
        for path in ["src/sleeper/model/string_utils.md", "src/sleeper/model/util.md", "docs/common/x.md",
                     "docs/test_helpers.md", "docs/misc.md", "docs/LogManager.md"]:
            with self.subTest(path):
                self.assert_fault(path, "", "says nothing")

    def test_white_space_at_the_end_of_a_line(self):
        self.assert_fault("docs/a.md", "one\ntwo \n", "docs/a.md:2: white space")
        self.assert_fault("docs/a.md", "one\r\n", "docs/a.md:1: white space")

    def test_a_file_ends_with_a_line_end(self):
        self.assert_fault("docs/a.md", "one\ntwo", "docs/a.md:2: no line end")

    def test_golden_files_may_have_any_bytes(self):
        self.assertEqual(self.check({"tests/golden/a.txt": "one \ntwo"}), ([], []))

    def test_paths_of_one_machine(self):
        for path in ["work/main", "root/x", "home/someone"]:
            with self.subTest(path):
                self.assert_fault("docs/a.md", f"see /{path}\n", "is a path of one machine")
        self.assertEqual(self.check({"docs/a.md": "build/root/x and /workshop and $ORIGIN/root\n"}), ([], []))

    def test_unfinished_work(self):
        for mark in ["TO" "DO", "FIX" "ME"]:
            self.assert_fault("src/sleeper/model/a.cc", f"// {mark}: later\n", "do it, or say what holds now")

    def test_long_lines(self):
        self.assert_code_fault("// " + "x" * 118, "121 columns; 120 at most")
        self.assertEqual(self.check({"src/sleeper/model/a.cc": "// " + "x" * 117 + "\n// https://" + "x" * 120 + "\n"}),
                         ([], []))

    def test_a_header_without_its_guard(self):
        self.assert_fault("src/sleeper/model/a.h", "// #pragma once\n", "no #pragma once")

    def test_a_file_includes_its_own_header_first(self):
        for name in ["field.cc", "field_test.cc", "field_benchmark.cc"]:
            self.assert_fault(f"src/sleeper/model/{name}", '#include <string>\n#include "sleeper/model/field.h"\n',
                              "has to be the file's own header, field.h")

    def test_links_that_lead_nowhere(self):
        self.assert_fault("docs/a.md", "\n[x](gone.md)\n", "docs/a.md:2: the link gone.md leads nowhere")
        self.assert_fault("docs/a.md", "[x](../../gone.md)\n", "leads out of the tree")
        self.assert_fault("docs/a.md", "[x](guide.md#gone)\n", "docs/guide.md has no heading for #gone")
        self.assert_fault("docs/a.md", "![picture](gone.png)\n", "leads nowhere")
        self.assert_fault("docs/a.md", "[x]: gone.md\n", "leads nowhere")

    def test_each_room_has_a_short_readme(self):
        self.assert_fault("src/sleeper/rows/CMakeLists.txt", "sleeper_room(rows)\n", "each room has a README")
        self.assert_fault("src/sleeper/model/README.md", "x\n" * 41, "41 lines; 40 at most")

    def test_a_file_in_no_target(self):
        sources = [path for path in GOOD if path.endswith(".cc")]
        self.assertEqual(self.check({"tests/install/consumer/main.cc": ""}, compiled=sources), ([], []))
        faults, _ = self.check({}, compiled=[path for path in sources if not path.endswith("field_test.cc")])
        self.assertEqual([str(fault) for fault in faults],
                         ["src/sleeper/model/field_test.cc:1: in no target: name it in a CMakeLists.txt or delete it"])

    def test_exceptions_of_parquet_are_caught_in_one_place(self):
        catching = "} catch (const parquet::ParquetException& error) {\n"
        self.assert_fault("src/sleeper/model/b.cc", catching, "are caught in src/sleeper/model/a.cc alone",
                          files={"src/sleeper/model/a.cc": catching})

    def test_a_new_long_function_fails(self):
        self.assert_fault("src/sleeper/model/a.cc", function_of(71), "a.cc:1: Long has 71 lines; 70 at most")
        self.assertEqual(self.check({"src/sleeper/model/a.cc": function_of(70)}), ([], []))

    def test_an_accepted_long_function_may_shrink_but_not_grow(self):
        ratchet = {tidy.RATCHET: "# comment\n80 src/sleeper/model/a.cc Long\n"}
        faults, notes = self.check({**ratchet, "src/sleeper/model/a.cc": function_of(80)})
        self.assertEqual(faults, [])
        self.assertEqual([str(note) for note in notes], ["src/sleeper/model/a.cc:1: Long has 80 lines, 70 is the aim"])
        self.assert_fault("src/sleeper/model/a.cc", function_of(81), "Long has 81 lines; 80 at most", files=ratchet)
        self.assert_fault("src/sleeper/model/a.cc", function_of(80, "Other"), "Other has 80 lines; 70 at", files=ratchet)

    def test_the_ratchet_only_goes_down(self):
        accepted = {("a.cc", "Shrunk"): 90, ("a.cc", "Grown"): 80, ("a.cc", "Gone"): 80}
        found = {("a.cc", name): functions.Function(name, 1, lines)
                 for name, lines in [("Shrunk", 75), ("Grown", 99), ("New", 85)]}
        with tempfile.TemporaryDirectory() as root:
            write(root, tidy.RATCHET, "")
            tidy.write_ratchet(root, found, accepted)
            self.assertEqual(tidy.read_ratchet(root, {tidy.RATCHET}), {("a.cc", "Grown"): 80, ("a.cc", "Shrunk"): 75})


class FunctionsTest(unittest.TestCase):
    def names(self, code):
        return [(function.name, function.line, function.lines) for function in functions.find(source_tree.bare_code(code))]

    def test_functions_of_namespaces_and_classes(self):
        self.assertEqual(
            self.names("namespace a {\nclass B final : public C {\n public:\n  int X() const {\n    return 1;\n  }\n};\n}\n"
                       "template <typename T = int>\nvoid a::Free(T t) {\n}\n"),
            [("X", 4, 3), ("a::Free", 9, 3)])

    def test_member_initialisers_belong_to_the_constructor(self):
        self.assertEqual(self.names("A::A(int x)\n    : a_{x},\n      b_(x) {\n  Go();\n}\nvoid F() {}\n"),
                         [("A::A", 1, 5), ("F", 6, 1)])

    def test_tables_lambdas_and_default_values_are_no_functions(self):
        self.assertEqual(self.names("const int kTable[] = {1, 2};\nauto kSet = Set<int>{\n  1};\nint a{1};\n"
                                    "void F(Options o = {},\n       int b = 2) {\n  auto g = [](int x) {\n  };\n}\n"),
                         [("F", 5, 5)])

    def test_operators_tests_and_macros(self):
        self.assertEqual(self.names("#define M(x) \\\n  do { (x); } while (false)\nbool operator==(A a, A b) {\n}\n"
                                    "TEST(Table,\n     Opens) {\n}\nclass ATTRIBUTE(x) A {\n  void F() {}\n};\n"),
                         [("operator==", 3, 2), ("TEST(Table, Opens)", 5, 3), ("F", 9, 1)])


if __name__ == "__main__":
    unittest.main()
