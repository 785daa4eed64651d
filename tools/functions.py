"""Finds the functions of a C++ file and how long they are, by following braces. Good enough for formatted code."""

import re
from typing import NamedTuple


class Function(NamedTuple):
    name: str
    line: int
    lines: int


_TYPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:typedef\s+)?(?:class|struct|union|enum|namespace|inline\s+namespace"
                   r'|extern\s*"")\b', re.DOTALL)
_LABEL = re.compile(r"\s*(?:public|protected|private)\s*:(?!:)")
_EXTERN = re.compile(r'^extern\s*"')
_INITIALISER = re.compile(r"=\s*[\w:<>,\s]*$")
_OPERATOR = re.compile(r"operator\s*(?:\(\)|\[\]|[^\s\w(]+|\s[\w:]+)")
_NAME = re.compile(r"([~\w:]+(?:<[^()]*>)?)\s*$")


def _without_preprocessor(code):
    """Blanks directives with their continuation lines: macros have bodies of their own, with braces."""
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: "\n" * m.group(0).count("\n"), code, flags=re.MULTILINE)


def _name_of(head):
    """The name in 'Status Table::Append(int row) const', 'TEST(Table, AppendsRows)' or 'bool operator<(…)'."""
    operator = _OPERATOR.search(head)
    if operator:
        return re.sub(r"\s+", " ", operator.group(0)).strip()
    before = head[:head.index("(")]
    match = _NAME.search(before)
    name = match.group(1) if match else "?"
    if re.fullmatch(r"[A-Z][A-Z0-9_]{2,}", name):  # TEST, TEST_F, MATCHER_P
        inside = " ".join(head[head.index("(") + 1:].split(")")[0].split())
        return f"{name}({inside})"
    return name


def _close(code, start):
    """The index of the brace that closes the one at start."""
    depth = 0
    for match in re.finditer(r"[{}]", code[start:]):
        depth += 1 if match.group(0) == "{" else -1
        if depth == 0:
            return start + match.start()
    return len(code) - 1


def find(code):
    """The functions in `code`, which has no comments and no contents of literals. Lambdas belong to what encloses them."""
    code = _without_preprocessor(code)
    functions = []
    head_start, position, parentheses = 0, 0, 0
    pending = None  # (name, start) of a function whose member initialisers have been entered
    while position < len(code):
        character = code[position]
        if character == "(":
            parentheses += 1
        elif character == ")":
            parentheses -= 1
        elif parentheses:
            if character == "{":
                position = _close(code, position)
        elif character in ";}":
            head_start, pending = position + 1, None
        elif character == "{":
            label = _LABEL.match(code, head_start, position)
            head_start = label.end() if label else head_start
            head = code[head_start:position]
            stripped = head.strip()
            if pending is None and (_TYPE.match(stripped) or _EXTERN.match(stripped)):
                head_start = position + 1
            else:
                end = _close(code, position)
                following = code[end + 1:].lstrip()[:1]
                plain = _OPERATOR.sub("operator", stripped)
                is_function = pending is not None or (")" in stripped and not _INITIALISER.search(plain))
                if is_function and following in (",", "{"):
                    pending = pending or (_name_of(stripped), head_start + len(head) - len(head.lstrip()))
                    position = end + 1
                    continue
                if is_function:
                    name, start = pending or (_name_of(stripped), head_start + len(head) - len(head.lstrip()))
                    line = code.count("\n", 0, start) + 1
                    functions.append(Function(name, line, code.count("\n", start, end) + 1))
                    pending = None
                    head_start = end + 1
                position = end
        position += 1
    return functions
