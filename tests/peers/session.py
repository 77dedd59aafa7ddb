"""Expressions run by calc_app, many in one start, and what it computed.

    run(lines, folder, ranks, threads) -> Outcome: messages by line, and which arrays there are
    expression_lines -> the lines of an expression; each saves its variables
    judge_expression -> what is wrong in each step, with our own results as its inputs
"""
import os
import re
import subprocess
import sys

import numpy as np

import judge
from grammar import REFUSALS, evaluate

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import BUILD, MPI_ENVIRONMENT, MPIRUN, PATIENCE

MESSAGE = re.compile(r"^line (\d+): (.*)")


class Crash(Exception):
    """The program ended otherwise than by reporting lines."""


def run(lines, folder, ranks=1, threads=1, timeout=600):
    """Messages of the lines that failed, by number from 0."""
    script = os.path.join(folder, "script")
    with open(script, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    program = os.path.join(BUILD, "bin", "calc_app")
    start = [*MPIRUN, "-n", str(ranks)] if ranks > 1 else []
    command = [*start, program, "--threads", str(threads), "-f", "script", "--keep-going",
               "--progress", "none"]
    done = subprocess.run(command, cwd=folder, timeout=timeout * PATIENCE, capture_output=True,
                          stdin=subprocess.DEVNULL, env={**MPI_ENVIRONMENT, **os.environ})
    err = done.stderr.decode(errors="replace")
    messages = {}
    for line in err.splitlines():
        match = MESSAGE.match(line)
        if match:
            messages.setdefault(int(match[1]) - 1, match[2])
    if done.returncode not in (0, 1) or (done.returncode == 1 and not messages):
        raise Crash(f"exit status {done.returncode}: {' '.join(command)}\n{err[-3000:]}")
    return messages


def name_of(expression, variable):
    return f"{expression.seed}_{variable}.npy"


def expression_lines(expression):
    lines = []
    for step in expression.steps:
        saves = [f"save({v}, '{name_of(expression, v)}')" for v in step.names]
        lines.append("; ".join([step.line(), *saves]))
    whole = expression.inlined()
    if whole:
        lines.append(f"save({whole}, '{name_of(expression, 'whole')}')")
    return lines


def load(path):
    try:
        return np.load(path)
    except FileNotFoundError:
        return None


def read(expression, folder):
    """What the expression's lines saved, by variable; None where there is no file."""
    names = [v for step in expression.steps for v in step.names]
    found = {v: load(os.path.join(folder, name_of(expression, v))) for v in names}
    whole = load(os.path.join(folder, name_of(expression, "whole")))
    return found, whole


def lifted_inputs(step, inputs):
    return {k: judge.lifted(a, step.integers) for k, a in inputs.items()}


def in_long_double(text, names, inputs):
    """The step's results in long double, or Nones where NumPy has no such function."""
    try:
        return [a if a.dtype in (judge.WIDE, judge.WIDE_COMPLEX) else None
                for a in evaluate(text, names, inputs)]
    except Exception:  # pylint: disable=broad-except
        return [None] * len(names)


def free(text):
    """Without a dtype that is asked for."""
    return re.sub(r", dtype=np\.\w+", "", text)


def scales(step, inputs):
    if step.kind != "sum":
        return [None] * len(step.names)
    if step.scale:
        return [judge.magnitude(a) for a in
                evaluate(f"np.abs({step.scale})", step.names, inputs)]
    sizes = {k: judge.magnitude(a) for k, a in inputs.items()}
    found = in_long_double(free(step.truth or step.reference), step.names, sizes)
    return [None if a is None else np.abs(a) for a in found]


def judge_results(step, got, want, inputs):
    if step.kind == "check":
        return step.check(got, want, [inputs[k] for k in step.inputs])
    truths = None

    def truth(i):
        nonlocal truths
        if truths is None:
            truths = in_long_double(free(step.truth or step.reference), step.names,
                                    lifted_inputs(step, inputs))
        return truths[i]
    for i, (g, w) in enumerate(zip(got, want)):
        if step.kind == "shape":
            wrong = judge.wrong_kind(g, w)
        elif step.kind in ("exact", "equal"):
            wrong = judge.same(g, w, zeros=step.kind == "exact")
        else:
            wrong = judge.close(g, w, lambda i=i: truth(i), lambda i=i: scales(step, inputs)[i])
        if wrong:
            return f"{step.names[i]}: {wrong}"
    return None


def judge_step(step, found, message):
    """None, or what is wrong with a step whose inputs are our own results."""
    inputs = {k: found.get(k) for k in step.inputs}
    if any(a is None for a in inputs.values()):
        return None  # made of what failed
    got = [found[v] for v in step.names]
    missing = any(a is None for a in got)
    if step.data is not None:
        return f"failed: {message}" if missing else judge.same(got[0], step.data)
    try:
        want = evaluate(step.reference, step.names, inputs)
    except REFUSALS as error:
        return None if missing else f"computed what NumPy refuses ({error})"
    if missing:
        return f"failed: {message or 'without a message'}"
    return judge_results(step, got, want, inputs)


def judge_expression(expression, folder, messages, first):
    """Pairs of a step (or None) and what is wrong; `first` is the number of the first line."""
    found, whole = read(expression, folder)
    for i, step in enumerate(expression.steps):
        wrong = judge_step(step, found, messages.get(first + i))
        if wrong:
            yield step, wrong, found
    last = found[expression.steps[-1].names[0]]
    if expression.inlined() and last is not None and "random" not in expression.inlined():
        if whole is None:
            yield None, f"as one line: {messages.get(first + len(expression.steps))}", found
        elif whole.tobytes() != last.tobytes() or whole.dtype != last.dtype:
            yield None, "as one line it has other bits", found
