#!/usr/bin/env python3
"""Checks the rules of the house that a compiler does not know. Each fault says what to do instead.

Usage: tidy.py [--root FOLDER] [--compile-commands FILE] [--update-ratchet] [PATH…]

With PATHs only the faults in those files and folders are shown. --compile-commands names the compile_commands.json of an
up-to-date build and adds the check that every .cc file is in a target. --update-ratchet lowers the lengths in
long_functions.txt to today's and forgets functions that are gone or short; it never raises or adds one.
"""

import argparse
import json
import os
import re
import sys
from typing import NamedTuple

import functions
import source_tree

COLUMNS_MAX = 120
FUNCTION_LINES_MAX = 70
README_LINES_MAX = 40
# Built by a test, against an installation.
BUILT_ELSEWHERE = "tests/install/consumer/"
# Inputs of tests, in which any byte has its reason.
BYTES_AS_THEY_ARE = ("tests/golden/", "tests/fuzz/corpus/")
RATCHET = "tools/long_functions.txt"

MAINS = r"(^|/)(\w+_)?main\.cc$"
TEST_CODE = r"^tests/|^bench/|/testing/|_(test|benchmark|fuzz)\.cc$"


class Ban(NamedTuple):
    pattern: str
    instead: str
    # Paths in which it is allowed; None bans it everywhere.
    allowed: str | None


BASE = r"^src/sleeper/base/"
BASE_AND_SIMULATOR = r"^src/sleeper/base/|^tests/sim/"

BANS = [
    Ban(r"\b(system|steady|high_resolution)_clock::now\b|\b(clock_gettime|gettimeofday)\b", "Clock of base/time.h", BASE),
    Ban(r"\brandom_device\b|\bsrand\b|\brand\s*\(", "Random of base/random.h", BASE),
    Ban(r"\bstd::j?thread\b|\bstd::async\b", "TaskGroup of base/task_group.h", BASE_AND_SIMULATOR),
    Ban(r"\bcondition_variable(_any)?\b", "Event of base/event.h", BASE_AND_SIMULATOR),
    Ban(r"\bstd::(shared_)?(future|promise|packaged_task|latch|barrier)\b|\b(counting|binary)_semaphore\b",
        "TaskGroup, Event or Semaphore of base", BASE_AND_SIMULATOR),
    Ban(r"\bsleep_(for|until)\b|\b(usleep|nanosleep)\b", "SleepUntil of base/executor.h", BASE_AND_SIMULATOR),
    Ban(r"\bstd::((recursive_|timed_|recursive_timed_|shared_)?mutex|lock_guard|unique_lock|scoped_lock|shared_lock)\b",
        "Mutex and MutexLock of base/mutex.h", BASE_AND_SIMULATOR),
    Ban(r"\b(secure_)?getenv\b", "a parameter: only a main reads the environment", f"{MAINS}|{TEST_CODE}"),
    Ban(r"\bthrow\b", "Status or Result", None),
    Ban(r"(?<!operator )\bnew\b\s*[\w:(]", "std::make_unique or a value", None),
    Ban(r"(?<!operator )\bdelete\b\s*(\[\s*\]\s*)?[\w*(]", "std::unique_ptr or a value", None),
    Ban(r"\buse_threads\s*=\s*true\b|\bset_use_threads\(\s*true|\bset_pre_buffer\(\s*true|\bGetCpuThreadPool\b",
        "TaskGroup: Arrow's own threads stay out", None),
]

BANNED_NAMES = re.compile(r"(^|[_\-.])util($|[_\-.])|utils|helper|common|misc|manager", re.IGNORECASE)
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~/-])/(?:work|root|home/[a-z]\w*)(?=/|\b(?!-))(?!\w)")


class Fault(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


def line_of(text, position):
    return text.count("\n", 0, position) + 1


# --- Rules for one file ----------------------------------------------------------------------------------------------


def check_name(path):
    for part in path.split("/"):
        if BANNED_NAMES.search(part):
            return [Fault(path, 1, f"the name '{part}' says nothing: what do its contents have in common?")]
    return []


def check_text(path, text):
    faults = []
    if not path.startswith(BYTES_AS_THEY_ARE):
        for match in re.finditer(r"[ \t\r]+$", text, re.MULTILINE):
            faults.append(Fault(path, line_of(text, match.start()), "white space at the end of the line"))
        if text and not text.endswith("\n"):
            faults.append(Fault(path, text.count("\n") + 1, "no line end at the end of the file"))
    for match in MACHINE_PATH.finditer(text):
        faults.append(Fault(path, line_of(text, match.start()), f"'{match.group(0)}' is a path of one machine"))
    for match in UNFINISHED.finditer(text):
        faults.append(Fault(path, line_of(text, match.start()), f"'{match.group(0)}': do it, or say what holds now"))
    return faults


def check_bans(path, code):
    faults = []
    for ban in BANS:
        if ban.allowed is not None and re.search(ban.allowed, path):
            continue
        for match in re.finditer(ban.pattern, code):
            faults.append(Fault(path, line_of(code, match.start()), f"not '{match.group(0).strip()}': use {ban.instead}"))
    return faults


def check_layout(path, text):
    return [Fault(path, number, f"{len(line)} columns; {COLUMNS_MAX} at most")
            for number, line in enumerate(text.split("\n"), 1) if len(line) > COLUMNS_MAX and "://" not in line]


def check_header(path, code):
    if path.endswith(".h") and not re.search(r"^#pragma once$", code, re.MULTILINE):
        return [Fault(path, 1, "no #pragma once")]
    return []


def check_own_header_first(path, text, known):
    """A header that stands first in some file is shown to need no other header before it."""
    own = re.sub(r"(_test|_benchmark)?\.cc$", ".h", path)
    if not path.endswith(".cc") or own not in known:
        return []
    found = source_tree.includes(text)
    if found and "src/" + found[0][2] != own and found[0][2] != own:
        return [Fault(path, found[0][0], f"the first include has to be the file's own header, {os.path.basename(own)}")]
    return []


# --- Markdown --------------------------------------------------------------------------------------------------------

_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(\s*<?([^()\s<>]+(?:\([^()\s]*\))?)>?(?:\s+\"[^\"]*\")?\s*\)|^\s*\[[^\]]+\]:\s*(\S+)", re.MULTILINE)


def blank(match):
    return "\n" * match.group(0).count("\n")


def without_code(markdown):
    return re.sub(r"`[^`\n]+`", "``", _FENCE.sub(blank, markdown))


def anchors(markdown):
    """The anchors that a heading gets: lower case, punctuation dropped, spaces to hyphens, numbered when repeated."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", _FENCE.sub(blank, markdown), re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = 0
        while (name := anchor if number == 0 else f"{anchor}-{number}") in found:
            number += 1
        found.add(name)
    found.update(re.findall(r"<a (?:name|id)=\"([^\"]+)\"", markdown))
    return found


def check_links(root, path, text):
    faults = []
    prose = without_code(text)
    for match in _LINK.finditer(prose):
        target = match.group(1) or match.group(2)
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
        line = line_of(prose, match.start())
        if linked.startswith("..") or name.startswith("/"):
            faults.append(Fault(path, line, f"the link {target} leads out of the tree"))
        elif not os.path.exists(os.path.join(root, linked)):
            faults.append(Fault(path, line, f"the link {target} leads nowhere"))
        elif anchor and linked.endswith(".md") and anchor not in anchors(source_tree.read(root, linked)):
            faults.append(Fault(path, line, f"{linked} has no heading for #{anchor}"))
    return faults


# --- Rules for the whole tree ----------------------------------------------------------------------------------------


def check_readmes(root, known):
    faults = []
    rooms = {path.split("/")[2] for path in known if re.match(r"src/sleeper/\w+/CMakeLists\.txt$", path)}
    for room in sorted(rooms):
        path = f"src/sleeper/{room}/README.md"
        if path not in known:
            faults.append(Fault(path, 1, "each room has a README: purpose, main types, invariants, what stays out"))
            continue
        lines = source_tree.read(root, path).count("\n")
        if lines > README_LINES_MAX:
            faults.append(Fault(path, README_LINES_MAX, f"{lines} lines; {README_LINES_MAX} at most"))
    return faults


def check_targets(root, known, compile_commands):
    """Every .cc file is compiled by some target."""
    with open(compile_commands) as file:
        compiled = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in json.load(file)}
    return [Fault(path, 1, "in no target: name it in a CMakeLists.txt or delete it")
            for path in known
            if path.endswith(".cc") and not path.startswith(BUILT_ELSEWHERE)
            and os.path.realpath(os.path.join(root, path)) not in compiled]


def check_parquet_exceptions(codes):
    """Exceptions are caught in one place, and everything else speaks Status."""
    catching = [(path, match.start()) for path, code in sorted(codes.items())
                for match in [re.search(r"\bcatch\s*\([^)]*ParquetException", code)] if match]
    return [Fault(path, line_of(codes[path], position), f"Parquet's exceptions are caught in {catching[0][0]} alone")
            for path, position in catching[1:]]


# --- Function lengths ------------------------------------------------------------------------------------------------


def long_functions(codes):
    """{(path, name): Function} of those over the limit; of several with one name, the longest."""
    found = {}
    for path, code in codes.items():
        for function in functions.find(code):
            key = (path, function.name)
            if function.lines > FUNCTION_LINES_MAX and (key not in found or found[key].lines < function.lines):
                found[key] = function
    return found


def read_ratchet(root, known):
    """{(path, name): lines} that were accepted."""
    accepted = {}
    for line in source_tree.read(root, RATCHET).splitlines() if RATCHET in known else ():
        if line and not line.startswith("#"):
            lines, path, name = line.split(" ", 2)
            accepted[path, name] = int(lines)
    return accepted


def check_functions(found, accepted):
    """(faults, notes): functions that grew over what is accepted, and those that are longer than they should be."""
    faults, notes = [], []
    for (path, name), function in sorted(found.items()):
        limit = accepted.get((path, name), FUNCTION_LINES_MAX)
        if function.lines > limit:
            faults.append(Fault(path, function.line, f"{name} has {function.lines} lines; {limit} at most: find the noun "
                                                     "that hides in it"))
        else:
            notes.append(Fault(path, function.line, f"{name} has {function.lines} lines, {FUNCTION_LINES_MAX} is the aim"))
    return faults, notes


def write_ratchet(root, found, accepted):
    lines = [f"{min(accepted[key], found[key].lines)} {key[0]} {key[1]}\n" for key in sorted(found) if key in accepted]
    with open(os.path.join(root, RATCHET), "w") as file:
        file.write(f"# Functions that were accepted with more than {FUNCTION_LINES_MAX} lines. They may shrink, not grow:\n"
                   "# tools/tidy.py --update-ratchet\n")
        file.writelines(lines)


# --- All together ----------------------------------------------------------------------------------------------------


def check(root, compile_commands=None):
    """(faults, notes) of the tree at root."""
    known = source_tree.files(root)
    faults, codes = [], {}
    for path in known:
        faults += check_name(path)
        text = source_tree.read(root, path)
        if text is None:
            continue
        faults += check_text(path, text)
        if path.endswith(".md"):
            faults += check_links(root, path, text)
        if source_tree.is_cpp(path):
            codes[path] = source_tree.bare_code(text)
            faults += check_bans(path, codes[path])
            faults += check_layout(path, text)
            faults += check_header(path, codes[path])
            faults += check_own_header_first(path, text, known)
    faults += check_readmes(root, known)
    faults += check_parquet_exceptions(codes)
    if compile_commands is not None:
        faults += check_targets(root, known, compile_commands)
    too_long, notes = check_functions(long_functions(codes), read_ratchet(root, known))
    return sorted(faults + too_long), notes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    parser.add_argument("--compile-commands", metavar="FILE")
    parser.add_argument("--update-ratchet", action="store_true")
    parser.add_argument("paths", nargs="*", metavar="PATH")
    arguments = parser.parse_args()
    root = os.path.realpath(arguments.root)

    if arguments.update_ratchet:
        known = source_tree.files(root)
        codes = {path: source_tree.bare_code(source_tree.read(root, path)) for path in known if source_tree.is_cpp(path)}
        write_ratchet(root, long_functions(codes), read_ratchet(root, known))

    faults, notes = check(root, arguments.compile_commands)
    if arguments.paths:
        asked = [os.path.relpath(os.path.realpath(path), root) for path in arguments.paths]
        faults = [fault for fault in faults if any(fault.path == path or fault.path.startswith(path + "/") or path == "."
                                                   for path in asked)]
    for note in notes:
        print(f"note: {note}")
    for fault in faults:
        print(fault)
    print(f"tidy: {len(faults)} faults" if faults else "tidy: all rules are kept")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
