#!/usr/bin/env python3
"""Shows that each rule of layers.py can fail, and that a tree that keeps them passes."""

import os
import tempfile
import unittest

import layers

LAYERS = """
base:
model:
store:   model
report:  store model
<arrow/>: store
base/status.h: <arrow/status.h>
"""

GOOD = {
    "LAYERS": LAYERS,
    "src/sleeper/base/status.h": "#include <arrow/status.h>\n#include <string>\n",
    "src/sleeper/model/field.h": '#include "sleeper/base/status.h"\n',
    "src/sleeper/store/CMakeLists.txt": "sleeper_room(store ROOMS model LIBRARIES fmt::fmt ARROW)\n",
    "src/sleeper/store/entry.fbs": "table Entry {}\n",
    "src/sleeper/store/store.h": '#include <arrow/api.h>\n#include "sleeper/model/field.h"\n'
                                 '#include "sleeper/store/entry_generated.h"\n',
    "src/sleeper/store/testing/fake.h": '#include "sleeper/store/store.h"\n',
    "src/sleeper/report/report_test.cc": '#include "sleeper/store/testing/fake.h"\n',
    "tests/sim/world.h": "",
    "tests/sim/world.cc": '#include "tests/sim/world.h"\n#include "sleeper/report/report_test.cc"\n',
}


class LayersTest(unittest.TestCase):
    def faults(self, **changes):
        """The faults of the good tree with some files added or replaced."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**GOOD, **changes.get("files", {})}.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w") as file:
                    file.write(text)
            return layers.check(root)

    def assert_fault(self, path, text, expected):
        faults = self.faults(files={path: text})
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(expected, faults[0])

    def test_a_tree_that_keeps_the_rules_passes(self):
        self.assertEqual(self.faults(), [])

    def test_a_room_may_not_include_a_room_above_it(self):
        self.assert_fault("src/sleeper/model/a.cc", '\n#include "sleeper/store/store.h"\n',
                          "src/sleeper/model/a.cc:2: model may not include store (it may include: base)")

    def test_an_include_through_a_room_in_between_has_to_be_allowed_too(self):
        table = LAYERS.replace("report:  store model", "report:  store")
        faults = self.faults(files={"LAYERS": table, "src/sleeper/report/a.h": '#include "sleeper/model/field.h"\n'})
        self.assertEqual(faults, ["src/sleeper/report/a.h:1: report may not include model (it may include: base, store)"])

    def test_the_table_may_not_name_a_room_that_stands_below(self):
        self.assert_fault("LAYERS", LAYERS.replace("model:", "model: store", 1), "does not stand above it")

    def test_the_table_needs_a_row_for_each_room(self):
        self.assert_fault("src/sleeper/extra/a.h", "", "src/sleeper/extra: the room has no row")

    def test_the_table_may_not_have_two_rows_for_a_room(self):
        self.assert_fault("LAYERS", LAYERS + "model:\n", "a second row for model")

    def test_the_table_may_not_open_a_library_to_an_unknown_room(self):
        self.assert_fault("LAYERS", LAYERS.replace("<arrow/>: store", "<arrow/>: store sort"), "names the room sort")

    def test_a_line_of_the_table_needs_a_colon(self):
        self.assert_fault("LAYERS", LAYERS + "words\n", "no colon")

    def test_the_table_has_to_exist(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(layers.check(root), ["there is no file LAYERS"])

    def test_what_is_for_tests_stays_in_tests(self):
        self.assert_fault("src/sleeper/report/a.cc", '#include "sleeper/store/testing/fake.h"\n', "is for tests only")

    def test_a_room_outside_the_fence_may_not_include_arrow(self):
        self.assert_fault("src/sleeper/report/a.cc", "#include <arrow/api.h>\n", "report may not include <arrow/api.h>")

    def test_the_exception_of_a_header_covers_nothing_else(self):
        self.assert_fault("src/sleeper/base/status.h", "#include <arrow/api.h>\n", "base may not include <arrow/api.h>")
        self.assert_fault("src/sleeper/base/a.h", "#include <arrow/status.h>\n", "base may not include <arrow/status.h>")

    def test_an_include_is_written_from_its_root(self):
        self.assert_fault("src/sleeper/store/a.cc", '#include "store.h"\n', 'write the include of "store.h" from its root')

    def test_an_included_file_has_to_exist(self):
        self.assert_fault("src/sleeper/store/a.cc", '#include "sleeper/store/gone.h"\n', "there is no file")

    def test_headers_may_not_include_each_other(self):
        faults = self.faults(files={"src/sleeper/store/a.h": '#include "sleeper/store/b.h"\n',
                                    "src/sleeper/store/b.h": '#include "sleeper/store/a.h"\n'})
        self.assertEqual(faults, ["headers include each other: src/sleeper/store/a.h -> src/sleeper/store/b.h -> "
                                  "src/sleeper/store/a.h"])

    def test_a_room_may_not_link_what_it_may_not_include(self):
        self.assert_fault("src/sleeper/model/CMakeLists.txt", "sleeper_room(model\n  ROOMS store)\n",
                          "model may not link store")

    def test_a_room_outside_the_fence_may_not_ask_for_arrow(self):
        self.assert_fault("src/sleeper/model/CMakeLists.txt", "sleeper_room(model ARROW)\n", "model may not use arrow")

    def test_a_folder_declares_the_room_of_its_name(self):
        self.assert_fault("src/sleeper/model/CMakeLists.txt", "sleeper_room(store)\n", "declares the room store")


if __name__ == "__main__":
    unittest.main()
