#!/usr/bin/env python3
"""The law of the house: which folder may include which headers.

usage: layers.py SOURCE_DIR     prints each breach as file:line and exits 1 if there is one
       layers.py --self-test    shows on small trees that breaches are caught and good code passes

Arrows point one way: apps -> arrays -> runtime; inside runtime: exec, recover -> place -> graph ->
base, and observe is fed by events. Change the tables below together with the design, not to get a
file through.
"""
import os
import re
import sys
import tempfile

# A folder of a library -> the other folders of the same library that its files may include.
# "" are the files at the library's own root, which put the parts together.
RUNTIME = {
    "base": set(),
    "graph": {"base"},
    "place": {"base", "graph"},
    "exec": {"base", "graph", "place"},
    "recover": {"base", "graph", "place"},
    "observe": {"base", "graph", "place"},
    "": {"base", "graph", "place", "exec", "recover", "observe"},
    "include": set(),
}
ARRAYS = {
    "kernel": set(),
    "io": {"kernel"},
    "expr": {"io", "kernel"},  # tg_open asks a source for its shape
    "opt": {"expr"},
    "lower": {"expr", "opt", "io", "kernel"},
    "call": {"expr", "kernel"},  # expressions in Python's words; builders are called by name
    "": {"call", "expr", "opt", "lower", "io", "kernel"},
    "include": set(),
}
LIBRARIES = {"runtime": RUNTIME, "arrays": ARRAYS}

# Single headers or files that the tables above are too coarse for.
EVENT_HEADER = "observe/event.h"  # how exec and recover speak to observe
EVENT_USERS = {"exec", "recover"}
STARTS_AND_STOPS = {f"runtime/exec/{name}.c": {"observe", "recover"}
                    for name in ("context", "run", "start")}
MPI_HEADER = "mpi.h"
MPI_USERS = {"runtime/exec/run.c", "runtime/exec/start.c", "runtime/exec/message.c"}

# What an app may include beside <tegula/...>: ISO C, POSIX, and the GNU C library.
SYSTEM = set("""
    argp.h assert.h complex.h ctype.h dirent.h errno.h error.h fcntl.h fenv.h float.h fnmatch.h
    getopt.h glob.h inttypes.h iso646.h libgen.h limits.h locale.h math.h pthread.h regex.h
    semaphore.h setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h
    stdio.h stdlib.h stdnoreturn.h string.h strings.h sysexits.h tgmath.h threads.h time.h uchar.h
    unistd.h wchar.h wctype.h
""".split())

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def without_comments(text):
    """The text with comments blanked and its line numbers kept."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)


def includes(text):
    """(line, is it <...>, header) of each include directive."""
    text = without_comments(text)
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        yield line, match.group(1) == "<", match.group(2)


def breach_in_app(angle, header):
    if not angle:
        return "an app includes public and system headers only, as <...>"
    if header.startswith("tegula/") or header.startswith("sys/") or header in SYSTEM:
        return None
    return "an app includes <tegula/...> and headers of the C library only"


def breach_in_library(library, path, angle, header, public_arrays):
    """Why the include is a breach, or None. `path` is runtime/FOLDER/... or arrays/FOLDER/..."""
    folders, parts = LIBRARIES[library], path.split("/")
    here = parts[1] if len(parts) > 2 else ""
    first = header.split("/")[0] if "/" in header else None

    if header == MPI_HEADER:
        return None if path in MPI_USERS else "<mpi.h> belongs to " + ", ".join(sorted(MPI_USERS))
    if ".." in header.split("/"):
        return "write the path from the library's root, without '..'"
    if here not in folders:
        return f"folder {library}/{here} is not in the table of layers"
    if first == "tegula":
        if library == "runtime" and header in public_arrays:
            return "the runtime knows nothing of arrays"
        return None
    for other, its in LIBRARIES.items():
        if other != library and first in its:
            return f"{library} includes no internal header of {other}"
    if first in folders and first != here:
        if first in folders[here] or first in STARTS_AND_STOPS.get(path, ()):
            return None
        if header == EVENT_HEADER and here in EVENT_USERS:
            return None
        return f"{library}/{here or '*'} may not include {library}/{first}"
    if not angle and first is not None and first not in folders:
        return f"no folder '{first}' in {library}"
    return None


def breaches(root):
    """All breaches in a tree as (file, line, header, reason), in the order of the files."""
    public = os.path.join(root, "arrays", "include", "tegula")
    names = os.listdir(public) if os.path.isdir(public) else []
    public_arrays = {"tegula/" + name for name in names}
    found = []
    for top in ("runtime", "arrays", "apps"):
        for folder, subfolders, names in os.walk(os.path.join(root, top)):
            subfolders.sort()
            for name in sorted(names):
                if not name.endswith((".c", ".h")):
                    continue
                full = os.path.join(folder, name)
                path = os.path.relpath(full, root)
                with open(full, encoding="utf-8") as file:
                    text = file.read()
                for line, angle, header in includes(text):
                    if top == "apps":
                        why = breach_in_app(angle, header)
                    else:
                        why = breach_in_library(top, path, angle, header, public_arrays)
                    if why:
                        found.append((path, line, header, why))
    return found


GOOD = {
    "runtime/include/tegula/runtime.h": "#include <tegula/task.h>",
    "runtime/base/memory.c": '#include "memory.h"\n#include <stdlib.h>',
    "runtime/graph/graph.c": '#include "graph/graph.h"\n#include "base/memory.h"',
    "runtime/exec/run.c": '#include <mpi.h>\n#include "observe/trace.h"',
    "runtime/exec/worker.c": '#include "observe/event.h"\n#include "place/plan.h"',
    "runtime/observe/trace.c": '#include "graph/graph.h"\n#include "event.h"',
    "runtime/run.c": '#include "exec/context.h"\n/* #include <mpi.h> */',
    "arrays/include/tegula/array.h": "#include <tegula/runtime.h>",
    "arrays/io/hdf5.c": '#include <hdf5.h>\n#include "io/source.h"',
    "arrays/lower/reduce.c": '#include "kernel/sum.h"\n#include <tegula/task.h>',
    "apps/tsnr_app.c": "#include <tegula/tegula.h>\n#include <stdio.h>",
}
BAD = {
    "runtime/include/tegula/runtime.h": '\n#include "base/memory.h"',
    "runtime/base/memory.c": '\n#include "graph/graph.h"',
    "runtime/graph/graph.c": '\n#include "place/plan.h"',
    "runtime/place/plan.c": '\n#include "observe/event.h"',
    "runtime/exec/worker.c": '\n#include "observe/trace.h"',
    "runtime/exec/message.h": "\n#include <mpi.h>",
    "runtime/observe/trace.c": '\n#include "exec/worker.h"',
    "runtime/exec/store.c": "\n#include <tegula/array.h>",
    "runtime/exec/thread.c": '\n#include "../base/memory.h"',
    "runtime/recover/journal.c": '\n#include "exec/store.h"',
    "runtime/else/where.c": '\n#include "base/memory.h"',
    "arrays/include/tegula/array.h": '\n#include "expr/node.h"',
    "arrays/io/hdf5.c": "\n#  include <mpi.h>",
    "arrays/io/nifti.c": '\n#include "expr/node.h"',
    "arrays/kernel/sum.c": '\n#include "io/source.h"',
    "arrays/opt/pass.c": '\n#include "lower/lower.h"',
    "arrays/lower/reduce.c": "\n#include <base/memory.h>",
    "apps/tsnr_app.c": "\n#include <hdf5.h>",
    "apps/sample_app.c": '\n#include "expr/node.h"',
}


def write_tree(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text + "\n")


def self_test():
    """Each file of GOOD passes; each file of BAD is reported once, on line 2."""
    wrong = []
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, GOOD)
        wrong += [f"reported without cause: {breach}" for breach in breaches(root)]
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, BAD)
        got = [(path, line) for path, line, _, _ in breaches(root)]
        wrong += [f"not caught: {path}" for path in BAD if got.count((path, 2)) != 1]
    print("\n".join(wrong) or f"{len(GOOD)} good files pass, {len(BAD)} breaches are caught")
    return 1 if wrong else 0


def main(argv):
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if argv[1] == "--self-test":
        return self_test()
    found = breaches(argv[1])
    for path, line, header, why in found:
        print(f"{path}:{line}: includes {header}: {why}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
