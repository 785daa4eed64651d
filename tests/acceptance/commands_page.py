"""Makes docs/guide/commands.md from what the program says of its commands, or tells whether the page is stale."""

import argparse
import pathlib
import re
import subprocess
import sys

HEADER = """# Commands

<!-- Made by tests/acceptance/commands_page.py from the program's own help. Change that, then renew this page. -->

`sleeper COMMAND --help` says the same on a terminal. Values are taken as they are given: only the first `=` of
`FIELD=VALUE` separates, and nothing is split at commas except the list of `--select`. Behind `--` everything is an
argument, also what begins with a dash.
"""

GLOBAL_SECTION = re.compile(r"\nOptions of every command\n(?:  .*\n)+")


def ask(program, *words):
    return subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True).stdout


def make_page(program):
    overview = ask(program)
    section = overview.split("\nCommands\n", 1)[1].split("\n\n", 1)[0]
    paths = [re.split(r"\s{2,}", line.strip())[0] for line in section.splitlines() if re.match(r"  \S", line)]
    page = HEADER + "\n```\n" + overview + "```\n"
    for path in paths:
        # The options of every command stand at the top.
        text = GLOBAL_SECTION.sub("", ask(program, *path.split()))
        page += f"\n## {path}\n\n```\n{text}```\n"
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("page", type=pathlib.Path)
    arguments = parser.parse_args()
    page = make_page(arguments.program.resolve())
    if not arguments.check:
        arguments.page.write_text(page)
    elif not arguments.page.exists() or arguments.page.read_text() != page:
        sys.exit(f"{arguments.page} is stale; renew it: {sys.argv[0]} --program {arguments.program} {arguments.page}")


if __name__ == "__main__":
    main()
