#!/usr/bin/env python3
"""Checks that each file includes only what LAYERS allows its room. Usage: layers.py [ROOT]"""

import os
import re
import sys

import source_tree

ROOMS_FOLDER = "src/sleeper/"


class Layers:
    """The table in LAYERS: rooms below each room, rooms that may use a library, headers that may use a few of its files."""

    def __init__(self, text):
        self.faults = []
        self.below = {}
        self.libraries = {}
        self.exceptions = {}
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            name, colon, rest = line.partition(":")
            name, allowed = name.strip(), rest.split()
            if not colon:
                self.faults.append(f"LAYERS:{number}: no colon in '{line}'")
            elif name.startswith("<"):
                self.libraries[name.strip("<>/")] = set(allowed)
            elif "/" in name:
                self.exceptions[name] = {path.strip("<>") for path in allowed}
            else:
                self._add_room(number, name, allowed)
        for library, rooms in self.libraries.items():
            for room in sorted(rooms - self.below.keys()):
                self.faults.append(f"LAYERS: <{library}/> names the room {room}, which has no row")

    def _add_room(self, number, name, allowed):
        if name in self.below:
            self.faults.append(f"LAYERS:{number}: a second row for {name}")
        for room in allowed:
            if room not in self.below:
                self.faults.append(f"LAYERS:{number}: {name} names {room}, which does not stand above it")
        self.below[name] = set(allowed) | ({"base"} if name != "base" else set())


def room_of(path):
    """The room of a file of the tree, or None."""
    if not path.startswith(ROOMS_FOLDER) or path.count("/") < 3:
        return None
    return path[len(ROOMS_FOLDER):].split("/")[0]


def is_for_tests(path):
    return path.startswith(("tests/", "bench/")) or "/testing/" in path or re.search(
        r"_(test|benchmark|fuzz)\.cc$", path) is not None


def check_file(layers, path, text, known, generated):
    """The faults of one C++ file."""
    faults = []
    room = room_of(path)
    for line, bracket, target in source_tree.includes(text):
        where = f"{path}:{line}"
        if bracket == '"':
            faults += check_own_include(layers, where, path, room, target, known, generated)
        elif room is not None:
            library = target.split("/")[0] if "/" in target else None
            if library not in layers.libraries or room in layers.libraries[library]:
                continue
            if target in layers.exceptions.get(path[len(ROOMS_FOLDER):], ()):
                continue
            allowed = ", ".join(sorted(layers.libraries[library]))
            faults.append(f"{where}: {room} may not include <{target}>; only these rooms may use {library}: {allowed}")
    return faults


def check_own_include(layers, where, path, room, target, known, generated):
    target_path = "src/" + target
    target_room = room_of(target_path)
    if target_room is None:
        if path.startswith(("tests/", "bench/")) and target in known:
            return []
        return [f'{where}: write the include of "{target}" from its root: "sleeper/<room>/<file>.h", or <…> for others\'']
    faults = []
    if target_path not in known and not generated(target):
        faults.append(f"{where}: there is no file {target_path}")
    if "/testing/" in target_path and not is_for_tests(path):
        faults.append(f"{where}: {target} is for tests only")
    if room is None or target_room == room:
        return faults
    if target_room not in layers.below[room]:
        allowed = ", ".join(sorted(layers.below[room])) or "none"
        faults.append(f"{where}: {room} may not include {target_room} (it may include: {allowed})")
    return faults


def check_cycles(graph):
    """One fault per cycle of includes among headers."""
    faults, state, trail = [], {}, []

    def visit(node):
        state[node] = "open"
        trail.append(node)
        for following in graph.get(node, ()):
            if state.get(following) == "open":
                cycle = trail[trail.index(following):] + [following]
                faults.append("headers include each other: " + " -> ".join(cycle))
            elif following not in state:
                visit(following)
        trail.pop()
        state[node] = "done"

    for node in sorted(graph):
        if node not in state:
            visit(node)
    return faults


def check_room_declaration(layers, path, text):
    """The ROOMS that a room's CMakeLists.txt names."""
    room = room_of(path)
    faults = []
    for call in re.findall(r"sleeper_room\s*\(([^)]*)\)", re.sub(r"#[^\n]*", "", text)):
        words = call.split()
        if words[:1] != [room]:
            faults.append(f"{path}: the folder {room} declares the room {words[0] if words else '(none)'}")
        named = []
        if "ROOMS" in words:
            for word in words[words.index("ROOMS") + 1:]:
                if word.isupper():
                    break
                named.append(word)
        for other in named:
            if other not in layers.below[room]:
                faults.append(f"{path}: {room} may not link {other}")
        for keyword, library in (("ARROW", "arrow"), ("PARQUET", "parquet")):
            if keyword in words and room not in layers.libraries.get(library, ()):
                faults.append(f"{path}: {room} may not use {library}")
    return faults


def check(root):
    known = set(source_tree.files(root))
    if "LAYERS" not in known:
        return ["there is no file LAYERS"]
    layers = Layers(source_tree.read(root, "LAYERS"))
    faults = list(layers.faults)
    for room in sorted({room_of(path) for path in known} - {None} - layers.below.keys()):
        faults.append(f"{ROOMS_FOLDER}{room}: the room has no row in LAYERS")
    if faults:
        return faults

    schemas = {path[len("src/"):-len(".fbs")] for path in known if path.endswith(".fbs") and path.startswith("src/")}
    graph = {}
    for path in sorted(known):
        text = source_tree.read(root, path)
        if path.endswith("/CMakeLists.txt") and room_of(path) and path.count("/") == 3:
            faults += check_room_declaration(layers, path, text)
        if not source_tree.is_cpp(path):
            continue
        faults += check_file(layers, path, text, known, lambda target: target.removesuffix("_generated.h") in schemas)
        if path.endswith(".h"):
            graph[path] = ["src/" + target for _, bracket, target in source_tree.includes(text) if bracket == '"']
    return faults + check_cycles(graph)


def main():
    root = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), ".."))
    faults = check(root)
    for fault in faults:
        print(fault)
    if faults:
        print(f"layers: {len(faults)} faults")
        return 1
    print("layers: every include is one that LAYERS allows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
