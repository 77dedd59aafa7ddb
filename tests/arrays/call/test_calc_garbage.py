"""Garbage for calc_app: whatever the lines are, it says what is wrong with each and goes on."""
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))

from tegula_py import TestCase, run

WORDS = """
    x y np da np.mean mean sum x.sum x.T x.shape dtype= axis= keepdims= ( ) ( ) [ ] [ ] { } , , : ;
    = == != < > <= >= + - * / // % ** @ & | ^ ~ << >> not and or if else for in is lambda None True
    False ... . 0 1 2 3 -1 1.5 1e3 2j 0x1f 'a' "b" ' " # \\ $ ? ! é print( save( open( import from
    as np.array([1,2,3]) np.concatenate( range(3) len( int( float( max( lambda a: a.b 1e999
    99999999999999 9223372036854775807 -9223372036854775808 += *= := -> ** *x **{} x[ x[1:2 ::-1]
    x[None x[..., np.random. np.random.default_rng(1) np.pi np.float32 np.sqrt np.linalg. abs(
    [[1],[2,3]]
""".split()
LONG = [
    "(" * 100000, ")" * 100000, "[" * 5000 + "]" * 5000, "1" + "+1" * 200000, "-" * 100000 + "1",
    "not " * 50000 + "1", "1" * 100000, "x" * 100000, "'" + "a" * 100000, "x" + ".T" * 100000,
    "x" + "[0]" * 100000, "lambda: " * 50000 + "1", "1 if 1 else " * 50000 + "1",
    "1**" * 50000 + "1",
    "f(" * 50000, "{1:" * 50000, "1<" * 100000 + "1",
    ";" * 100000, "," * 1000, "1," * 100000, "~" * 99,
    "(" * 99 + "1" + ")" * 99, "f = lambda n: f(n); f(1)",
    "f = lambda n: f(n-1) if n else 0; f(50)",
    "f = lambda n: f(n-1) + f(n-1) if n else 0; f(40)", "[0] * 10**12", "range(10**18)", "'a' * 10",
    "x = [1]; x = [x, x]; len(x)", "[[i for i in range(1000)] for j in range(100000)]", "2**62*4",
    "a" + " = a" * 5000 + " = 1", "np.array(" + "[" * 50 + "1" + "]" * 50 + ")", "1 << 10**9",
    "9**99",
    "(" + "1," * 50000 + ")", "np.mean(" + "1," * 1000 + ")", "f(**{})", "print(*range(100000))[0]",
    "'%s'" * 1000, "\t\t\t", "\x0c", "\x01\x02", "\x7f", "\xff\xfe", "# only a comment", "\\",
    "\\n",
]


def lines_of_words(seed, count):
    choose = random.Random(seed)
    for _ in range(count):
        between = choose.choice(["", " ", " "])
        yield between.join(choose.choice(WORDS) for _ in range(choose.randint(1, 12)))


def lines_of_bytes(seed, count):
    choose = random.Random(seed)
    for _ in range(count):
        yield "".join(chr(choose.choice([*range(1, 10), *range(11, 127), 233, 8364]))
                      for _ in range(choose.randint(1, 40)))


def mutated(seed, count):
    choose = random.Random(seed)
    good = ["(x + x.T)[::2, 1:].mean(axis=1)", "np.where(x > 2, x, 0).sum(0)",
            "y = x - x.mean(0); y",
            "[a.sum() for a in (x, x.T)]", "x[None, ..., ::-1] * 1.5e3",
            "f = lambda a: a**2; f(x)"]
    for _ in range(count):
        line = list(choose.choice(good))
        for _ in range(choose.randint(1, 4)):
            at = choose.randrange(len(line))
            line[at:at + choose.randint(0, 2)] = choose.choice(WORDS + ["", ""])
        yield "".join(line)


class Garbage(TestCase):
    def survive(self, lines):
        script = self.path("script.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write("x = np.array([[1, 2], [3, 4]])\n")
            for line in lines:
                assert "\n" not in line
                file.write(line + "\nx = np.array([[1, 2], [3, 4]]); print('@@@')\n")
        result = run("calc_app", "-f", script, "--keep-going", status=None, timeout=300)
        self.assertIn(result.returncode, (0, 1), result.stderr[-2000:])
        self.assertEqual(result.stdout.count("@@@\n"), len(lines), result.stderr[-2000:])

    def test_words_in_any_order(self):
        self.survive(list(lines_of_words(1, 3000)))

    def test_bytes_in_any_order(self):
        self.survive(list(lines_of_bytes(2, 1000)))

    def test_good_lines_with_a_piece_changed(self):
        self.survive(list(mutated(3, 3000)))

    def test_lines_that_are_long_or_deep(self):
        self.survive(LONG)


if __name__ == "__main__":
    unittest.main()

#TEST timeout=600
