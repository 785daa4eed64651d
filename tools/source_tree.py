"""The files of the source tree, and C++ text without its comments and literals."""

import os
import re
import subprocess

SKIPPED_FOLDERS = {".git", ".venv", "build", "__pycache__", "node_modules"}


def files(root):
    """Paths relative to root, sorted, of what git tracks or would track; without git, of everything but build output."""
    try:
        listing = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "."],
            check=True, capture_output=True).stdout.decode()
        found = {path for path in listing.split("\0") if path}
    except (OSError, subprocess.CalledProcessError):
        found = set()
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            found.update(os.path.relpath(os.path.join(folder, name), root) for name in names)
    return sorted(path for path in found if os.path.isfile(os.path.join(root, path)))


def read(root, path):
    """The text of a file, or None if it is not text."""
    with open(os.path.join(root, path), "rb") as file:
        data = file.read()
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None


def is_cpp(path):
    return path.endswith((".h", ".cc"))


_TOKENS = re.compile(
    r'//(?:[^\n\\]|\\.|\\\n)*'
    r'|/\*.*?\*/'
    r'|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)*'",
    re.DOTALL)


def bare_code(text):
    """C++ with comments blanked and literals emptied; every line keeps its number."""

    def blank(match):
        token = match.group(0)
        lines = "\n" * token.count("\n")
        if token.startswith("/"):
            return lines or " "
        return token[0].replace("R", '"') + lines + token[-1]

    return _TOKENS.sub(blank, text)


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def includes(text):
    """(line number, '<' or '"', path) of each include."""
    return [(text.count("\n", 0, m.start()) + 1, m.group(1), m.group(2)) for m in _INCLUDE.finditer(text)]
