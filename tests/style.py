#!/usr/bin/env python3
"""Limits of size: files of at most 800 lines, functions of 60, lines of 100 columns; no banners.

usage: style.py SOURCE_DIR     prints each breach as file:line and exits 1 if there is one
       style.py --self-test    shows that a file, a function and a line that are too long are caught
"""
import os
import re
import sys
import tempfile

FILE_LINES, FUNCTION_LINES, COLUMNS = 800, 60, 100
FOLDERS = ("runtime", "arrays", "apps", "tests")
ENDINGS = (".c", ".h", ".py", ".sh")
BANNER = re.compile(r"\s*(/\*|//|#) ?([-=*#])\2{3}")


def code_only(text):
    """The text with comments, literals and preprocessor lines blanked and its line numbers kept."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group(0))
    literals = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    text = re.sub(literals, blank, text, flags=re.S)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)


def functions(text):
    """(first line, lines from brace to brace) of each function: a brace at depth 0 after a ')'."""
    depth, line, start = 0, 1, None
    code = code_only(text)
    for at, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "{":
            if depth == 0:
                start = line if code[:at].rstrip().endswith(")") else None
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0 and start is not None:
                yield start, line - start + 1


def breaches_in_file(path, text):
    lines = text.splitlines()
    if len(lines) > FILE_LINES:
        yield path, len(lines), f"{len(lines)} lines; a file has at most {FILE_LINES}"
    for number, line in enumerate(lines, 1):
        width = len(line.expandtabs(8))
        if width > COLUMNS:
            yield path, number, f"{width} columns; a line has at most {COLUMNS}"
        if BANNER.match(line):
            yield path, number, "a banner; comments are sentences"
    if path.endswith((".c", ".h")):
        for number, length in functions(text):
            if length > FUNCTION_LINES:
                yield path, number, f"{length} lines; a function has at most {FUNCTION_LINES}"


def breaches(root):
    found = []
    for top in FOLDERS:
        for folder, subfolders, names in os.walk(os.path.join(root, top)):
            subfolders.sort()
            for name in sorted(names):
                if name.endswith(ENDINGS):
                    full = os.path.join(folder, name)
                    with open(full, encoding="utf-8") as file:
                        found += breaches_in_file(os.path.relpath(full, root), file.read())
    return found


def self_test():
    """A tree at the limits passes; one line, one column more, and each limit is reported."""
    def tree(root, extra):
        os.makedirs(os.path.join(root, "apps"))
        body = "    ;\n" * (FUNCTION_LINES - 2 + extra)
        texts = {
            "banner.c": "/* " + "-" * (3 + extra) + " a part */\n",
            "file.c": "\n" * (FILE_LINES + extra),
            "function.c": f"struct s {{\n    int x;\n}};\nint f(void)\n{{\n{body}}}\n",
            "line.h": "/*" + "x" * (COLUMNS - 4 + extra) + "*/\n",
        }
        for name, text in texts.items():
            with open(os.path.join(root, "apps", name), "w", encoding="utf-8") as file:
                file.write(text)

    with tempfile.TemporaryDirectory() as good, tempfile.TemporaryDirectory() as bad:
        tree(good, 0)
        tree(bad, 1)
        passed, caught = breaches(good), [path for path, _, _ in breaches(bad)]
    wanted = ["apps/banner.c", "apps/file.c", "apps/function.c", "apps/line.h"]
    right = not passed and caught == wanted
    print(f"at the limits: {passed}; past them: {caught}")
    return 0 if right else 1


def main(argv):
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if argv[1] == "--self-test":
        return self_test()
    found = breaches(argv[1])
    for path, line, why in found:
        print(f"{path}:{line}: {why}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
