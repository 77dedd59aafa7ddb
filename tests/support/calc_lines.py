"""Lines that calc_app and Python both run: printed texts equal to the letter, errors in both."""
import os
import re

os.environ["NPY_PROMOTION_STATE"] = "weak"  # NEP 50, as NumPy 2 has it

import numpy as np

from tegula_py import TestCase, run

np.seterr(all="ignore")


def lines_of(text):
    return [line.strip() for line in re.split(r";|\n", text) if line.strip()]


def python_says(lines, setup, names, show=lambda value: value):
    """For each line the text that print shows ("" for a statement), or the error."""
    exec(setup, names)
    said = []
    for line in lines:
        try:
            try:
                value = show(eval(line, names))
            except SyntaxError:
                exec(line, names)
                value = None
            said.append("" if value is None else str(value) + "\n")
        except Exception as error:
            said.append(error)
    return said


def numpy_says(lines, setup):
    lines = [re.sub(r", chunks=(\([^)]*\)|\d+)", "", line) for line in lines]  # numpy has none
    return python_says(lines, setup, {"np": np, "da": np})


class CalcLines(TestCase):
    def calc(self, lines, setup="", n=None):
        """What calc_app prints for each line, or its message."""
        script = self.path("script.py")
        setup = setup.splitlines()
        with open(script, "w", encoding="utf-8") as file:
            for line in setup:
                file.write(line + "\n")
            for line in lines:
                file.write(f"{line}\nprint('@@@')\n")
        result = run("calc_app", "-f", script, "--keep-going", n=n, status=None)
        said = result.stdout.split("@@@\n")[:-1]
        self.assertEqual(len(said), len(lines), result.stderr[-1000:])
        for match in re.finditer(r"^line (\d+): (.*)", result.stderr, re.M):
            number = int(match.group(1)) - 1 - len(setup)
            self.assertGreaterEqual(number, 0, match.group(0))
            said[number // 2] = Exception(match.group(2))
        return said

    def compare(self, text, setup="", n=None, others=numpy_says):
        lines = lines_of(text)
        for line, ours, theirs in zip(lines, self.calc(lines, setup, n), others(lines, setup)):
            with self.subTest(line=line):
                if isinstance(theirs, Exception):
                    self.assertIsInstance(ours, Exception, f"{line}: refused there: {theirs}")
                else:
                    self.assertEqual(ours, theirs, f"{line}: {ours}")
