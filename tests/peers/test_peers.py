#!/usr/bin/env python3
"""Random expressions over all operators, computed by calc_app and by NumPy.

usage: test_peers.py [--count N] [--seed S] [--combos 1x1,2x1] [--all]

All runs: tests/peers/test_peers.py --count 20000 (TEGULA_BUILD names the build folder). Every
expression is a few steps deep; each step is judged with our own results as its inputs (judge.py),
and the last one is also run as one nested line, which must have the same bits. Batches take turns
on the combinations of ranks x threads; with --all each batch runs on all of them, and all bits must
be equal. A mismatch is printed with a line that shows it, as short as it could be made.
"""
import argparse
import collections
import os
import re
import shutil
import sys
import tempfile
import time
import warnings

# With AVX-512 NumPy's exp has other last bits, and with it the weights of SciPy's Gaussians.
os.environ["NPY_DISABLE_CPU_FEATURES"] = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL " \
    "AVX512_ICL"

import files
import grammar
import rules_contract  # noqa: F401 (rules register themselves)
import rules_elementwise  # noqa: F401
import rules_image  # noqa: F401
import rules_index  # noqa: F401
import rules_reduce  # noqa: F401
import rules_shape  # noqa: F401
import rules_sort  # noqa: F401
import session
import shrink

from tegula_py import run

BATCH = 250


def fast_folder():
    """Where small files cost least."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "."


class Report:
    def __init__(self, options):
        self.options, self.wrong = options, 0
        self.covered, self.failing = collections.Counter(), collections.Counter()
        self.steps = self.refusals = 0

    def count(self, expression):
        for step in expression.steps:
            self.covered[step.operator] += 1
            self.steps += 1
            self.refusals += step.refused is not None

    def mismatch(self, expression, step, text, found, folder):
        self.wrong += 1
        name = step.operator if step else "nested"
        self.failing[name] += 1
        if self.failing[name] > self.options.show:
            return
        print(f"seed {expression.seed}, {name}: {text}")
        short = None
        if step and step.data is None:
            short = shrink.shrink(step, found, folder, text)
        if short:
            print(f"    {short}")
        else:
            print("\n".join(f"    {line}" for line in session.expression_lines(expression)))
        sys.stdout.flush()


def contents(expressions, folder):
    """The bytes of all results."""
    for expression in expressions:
        for step in expression.steps:
            for name in step.names:
                path = os.path.join(folder, session.name_of(expression, name))
                try:
                    with open(path, "rb") as file:
                        yield f"seed {expression.seed} {step.line()}", file.read()
                except FileNotFoundError:
                    yield f"seed {expression.seed} {step.line()}", None


def forget(expressions, folder):
    for expression in expressions:
        for name in [v for s in expression.steps for v in s.names] + ["whole"]:
            try:
                os.unlink(os.path.join(folder, session.name_of(expression, name)))
            except FileNotFoundError:
                pass


def batch(seeds, combos, folder, report):
    options = report.options
    store = files.Files(folder)
    expressions = [grammar.Expression(s, store, options.families, options.only) for s in seeds]
    expressions = [e for e in expressions if e.steps]
    store.close()
    lines, starts = [], []
    for expression in expressions:
        starts.append(len(lines))
        lines += session.expression_lines(expression)
        report.count(expression)
    first = None
    for ranks, threads in combos:
        messages = session.run(lines, folder, ranks, threads)
        if first is not None:
            for (name, a), (_, b) in zip(first, contents(expressions, folder)):
                if a != b:
                    report.wrong += 1
                    print(f"{name}: other bits on {ranks} ranks with {threads} threads")
            forget(expressions, folder)
            continue
        for expression, start in zip(expressions, starts):
            for step, wrong, found in session.judge_expression(expression, folder, messages, start):
                report.mismatch(expression, step, wrong, found, folder)
        if len(combos) > 1:
            first = list(contents(expressions, folder))
            forget(expressions, folder)


def known_lines(folder, report):
    """Lines that once were wrong."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "known.txt"),
              encoding="utf-8") as file:
        lines = [line.rstrip("\n").partition("  # ") for line in file if line[0] not in "#\n"]
    steps = [grammar.Step(ours, reference=numpy or None, names=(f"v{k}",))
             for k, (ours, _, numpy) in enumerate(lines)]
    script = [f"{s.line()}; save({s.names[0]}, '{s.names[0]}.npy')" for s in steps]
    messages = session.run(script, folder)
    for k, step in enumerate(steps):
        found = {v: session.load(os.path.join(folder, f"{v}.npy")) for v in step.names}
        wrong = session.judge_step(step, found, messages.get(k))
        if wrong:
            report.wrong += 1
            print(f"known line: {step.text}\n    {wrong}")


def without_rule():
    """Names in the table of operators that no rule makes; aliases are left out."""
    page = run("calc_app", "--list-operators").stdout
    names = re.findall(r"^\| `([\w.]+)", page, re.MULTILINE)
    made = {name for rules in grammar.RULES.values() for name in rules}
    return sorted(set(names) - made - {"open"})


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=int(os.environ.get("TEGULA_PEERS", "300")))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--combos", default="1x1,2x1,1x2,4x1,3x1")
    parser.add_argument("--all", action="store_true", help="all combinations on each batch")
    parser.add_argument("--show", type=int, default=3, help="mismatches printed of an operator")
    parser.add_argument("--families", type=lambda s: s.split(","))
    parser.add_argument("--only", type=lambda s: s.split(","), help="operators")
    parser.add_argument("--coverage", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    combos = [tuple(map(int, c.split("x"))) for c in options.combos.split(",")]
    report, start = Report(options), time.time()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        known_lines(folder, report)
    for k, at in enumerate(range(0, options.count, BATCH)):
        seeds = range(options.seed + at, options.seed + min(at + BATCH, options.count))
        folder = tempfile.mkdtemp(prefix="peers-", dir=fast_folder())
        try:
            batch(seeds, combos if options.all else [combos[k % len(combos)]], folder, report)
        except session.Crash as error:
            report.wrong += 1
            print(f"seeds {seeds[0]} to {seeds[-1]}: {error}")
        finally:
            shutil.rmtree(folder)
    if options.coverage:
        print(", ".join(f"{name} {n}" for name, n in sorted(report.covered.items())))
        print("without a rule:", ", ".join(without_rule()) or "none")
    if report.failing:
        print("wrong:", ", ".join(f"{n} {name}" for name, n in report.failing.most_common()))
    print(f"{options.count} expressions from seed {options.seed}, {report.steps} steps "
          f"({report.refusals} that NumPy refuses), {len(report.covered)} operators, "
          f"{report.wrong} mismatches, {time.time() - start:.0f} s")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#TEST timeout=300
