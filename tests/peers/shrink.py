"""A step that is wrong, made as short as it can be while it stays wrong.

Its inputs are written out; then rows are left out and values made simpler, as long as calc_app and
NumPy still disagree. All candidates of a round run in one start.
"""
import copy
import os
import tempfile

import numpy as np

import leaves
import session
from grammar import VARIABLE

ROUNDS, MOST = 30, 400


def smaller(a):
    """Arrays with less in them."""
    for axis, n in enumerate(a.shape):
        for part in (slice(0, n // 2), slice(n // 2, n), slice(0, n - 1), slice(1, n)):
            cut = a[(slice(None),) * axis + (part,)]
            if cut.shape != a.shape:
                yield cut
    plain = np.zeros_like(a)
    if a.size < 40:
        for at in np.ndindex(a.shape):
            for value in (plain[at], np.ones_like(a)[at]):
                if not a[at] == value and not (value == 1 and a[at] == 0):
                    simple = a.copy()
                    simple[at] = value
                    yield simple


def candidates(inputs):
    """Inputs that are smaller by one move."""
    for name, a in inputs.items():
        for cut in smaller(a):
            yield {**inputs, name: cut}
    names = list(inputs)
    if len(names) > 1 and len({a.shape for a in inputs.values()}) == 1:
        for parts in zip(*[smaller(inputs[n]) for n in names]):
            yield dict(zip(names, parts))


def line_of(step, inputs):
    if step.statement:
        setup = "; ".join(f"{n} = {leaves.literal(a)}" for n, a in inputs.items())
        return f"{setup}; {step.line()}"
    return VARIABLE.sub(lambda m: leaves.literal(inputs[m[0]]), step.text)


def sort_of(wrong):
    """A mismatch does not turn into one of another sort."""
    return next((s for s in ("failed", "computed what") if wrong.startswith(s)), "differs")


def wrong_ones(step, rounds, folder, sort):
    """Which of the inputs still show that the step is wrong."""
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        lines = []
        for k, inputs in enumerate(rounds):
            setup = "; ".join(f"{n} = {leaves.literal(a)}" for n, a in inputs.items())
            saves = "; ".join(f"save({v}, '{k}_{v}.npy')" for v in step.names)
            lines.append("; ".join(filter(None, [setup, step.line(), saves])))
        try:
            messages = session.run(lines, inner)
        except session.Crash:
            return
        for k, inputs in enumerate(rounds):
            found = {v: session.load(os.path.join(inner, f"{k}_{v}.npy")) for v in step.names}
            wrong = session.judge_step(step, {**inputs, **found}, messages.get(k))
            if wrong and sort_of(wrong) == sort:
                yield inputs, wrong


def shrink(step, found, folder, wrong):
    """A line and what is wrong with it; None where written out the inputs make no mismatch."""
    inputs = {k: found[k] for k in step.inputs}
    if any(a is None or a.size > 500 for a in inputs.values()):
        return None
    step = copy.copy(step)
    best = next(iter(wrong_ones(step, [inputs], folder, sort_of(wrong))), None)
    if best is None:
        return None
    for _ in range(ROUNDS):
        rounds = list(candidates(best[0]))[:MOST]
        better = next(iter(wrong_ones(step, rounds, folder, sort_of(wrong))), None)
        if better is None:
            break
        best = better
    return f"{line_of(step, best[0])}\n    {best[1]}"
