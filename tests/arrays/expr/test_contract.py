"""Sums of products against NumPy: random lines run by calc_app on several ranks and by NumPy, over
shapes, dtypes and chunks. Integers are equal; floats nearly, and of the same bytes on all ranks.

usage: test_contract.py [--count N] [--seed S] [--ranks 1,2,3,4]
"""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_shapes

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "float32", "float64", "float64"]
LENGTHS = [0, 1, 1, 2, 3, 5, 8, 13, 40]


class Line(test_shapes.Line):
    """One line: a sum of products of two arrays, or of one or three by einsum."""

    def make(self, *shape):
        """An operand of a shape."""
        name = self.array(shape, self.r.choice(DTYPES))
        kind = self.of(name).dtype.kind
        if kind == "f" and self.r.random() < 0.2:
            return f"({name} * (1+2j))"
        return f"{name}.T.T" if self.r.random() < 0.1 else name

    def lengths(self, n):
        return [self.r.choice(LENGTHS) for _ in range(n)]

    def expression(self):
        return self.r.choice([self.matmul, self.matmul, self.dot, self.tensordot, self.pairs,
                              self.einsum, self.einsum, self.factors, self.odd])()

    def matmul(self):
        m, k, n, *batch = self.lengths(3 + self.r.choice([0, 0, 1, 2]))
        other = [self.r.choice([1, b]) for b in batch][self.r.randint(0, len(batch)):]
        a, b = self.r.choice([
            ((*batch, m, k), (*other, k, n)), ((*other, m, k), (*batch, k, n)),
            ((k,), (*batch, k, n)), ((*batch, m, k), (k,)), ((k,), (k,))])
        a, b = self.make(*a), self.make(*b)
        return self.r.choice([f"{a} @ {b}", f"np.matmul({a}, {b})", f"({a} @ {b}).sum()"])

    def dot(self):
        m, k, n, p = self.lengths(4)
        a = self.make(*self.r.choice([(k,), (m, k), (p, m, k)]))
        b = self.make(*self.r.choice([(k,), (k, n), (p, k, n)]))
        return self.r.choice([f"np.dot({a}, {b})", f"{a}.dot({b})", f"np.dot({a}, 3)"])

    def tensordot(self):
        i, j, k, m = self.lengths(4)
        return self.r.choice([
            f"np.tensordot({self.make(m, i, j)}, {self.make(i, j, k)})",
            f"np.tensordot({self.make(m, i)}, {self.make(i, k)}, 1)",
            f"np.tensordot({self.make(m, i)}, {self.make(k)}, axes=0)",
            f"np.tensordot({self.make(i, m, j)}, {self.make(k, j, i)}, axes=([0, 2], [2, 1]))",
            f"np.tensordot({self.make(i, m)}, {self.make(k, i)}, axes=(0, -1))"])

    def pairs(self):
        i, j, k = self.lengths(3)
        return self.r.choice([
            f"np.inner({self.make(i, k)}, {self.make(j, 2, k)})",
            f"np.inner({self.make(k)}, {self.make(k)})",
            f"np.outer({self.make(i)}, {self.make(j)})",
            f"np.outer({self.make(i, 2)}, {self.make(j)})",
            f"np.vdot({self.make(k)}, {self.make(k)})",
            f"np.vdot({self.make(k, i)}, {self.make(k, i)})"])

    def einsum(self):
        i, j, k, m = self.lengths(4)
        text, *shapes = self.r.choice([
            ("ij,jk->ik", (i, j), (j, k)), ("ij,jk", (i, j), (j, k)), ("ij,kj->ki", (i, j), (k, j)),
            ("bij, bjk -> bik", (m, i, j), (m, j, k)), ("ij,ij->i", (i, j), (i, j)),
            ("ij,ij", (i, j), (i, j)), ("i,j->ji", (i,), (j,)), ("ijk,jk->i", (i, j, k), (j, k)),
            ("...ij,...jk->...ik", (m, i, j), (j, k)), ("...i,i", (m, k, i), (i,)),
            ("ii", (i, i)), ("ii->i", (i, i)), ("ij->ji", (i, j)), ("ij->j", (i, j)),
            ("iij->j", (i, i, j)), ("ba", (i, j)), ("...ii->...", (m, i, i)),
            ("ii,ij->j", (i, i), (i, j)), ("ij,kl->k", (i, j), (k, m)),
            ("ij,jk,kl->il", (i, j), (j, k), (k, m)), ("i,i,i", (i,), (i,), (i,)),
            ("bij,bjk->ki", (m, i, j), (m, j, k)), ("i...,j...->ij...", (i, m), (j, m)),
            ("ij,jk->ik", (i, 1), (j, k))])
        return f"np.einsum('{text}', {', '.join(self.make(*shape) for shape in shapes)})"

    def factors(self):
        """What does not hang on signs, which are LAPACK's and the cuts'."""
        m, n = self.r.choice([(40, 3), (13, 13), (40, 1), (5, 8), (1, 3), (3, 40), (13, 0), (0, 2)])
        a = self.array((m, n), self.r.choice(["int16", "float64", "float32"]))
        a = f"({a} * (1+2j))" if self.r.random() < 0.2 else a
        u, v = "np.conjugate(q.T)", "np.conjugate(r.T)"
        text = self.r.choice(["q @ r", f"{u} @ q", "abs(r)", "np.tril(r, -1)"])
        if self.r.random() < 0.6:
            self.before.append(f"q, s, r = np.linalg.svd({a}, full_matrices=False)")
            text = self.r.choice(["(q * s) @ r", f"{u} @ q", f"r @ {v}", "s"])
        else:
            self.before.append(f"q, r = np.linalg.qr({a})")
        return text

    def odd(self):
        """What NumPy refuses."""
        return self.r.choice([
            f"{self.make(3, 4)} @ {self.make(3, 4)}", f"{self.make(3)} @ {self.make(4)}",
            f"np.dot({self.make(3, 4)}, {self.make(5)})", f"np.matmul({self.make(3)}, 2)",
            f"np.einsum('ij,jk->iz', {self.make(2, 3)}, {self.make(3, 2)})",
            f"np.einsum('ij', {self.make(3)})", f"np.einsum('ij,jk->ii', {self.make(2, 2)}, "
            f"{self.make(2, 2)})", f"np.einsum('i,j', {self.make(3)})",
            f"np.einsum('i', {self.make(3)}, {self.make(3)})",
            f"np.tensordot({self.make(3, 4)}, {self.make(3, 4)}, 1)",
            f"np.inner({self.make(3, 4)}, {self.make(3)})"])


def differs(_, got, want):
    if isinstance(want, Exception):
        return None if got is None else f"computed what NumPy refuses: {want}"
    if got is None:
        return "refused"
    if got.dtype != want.dtype or got.shape != want.shape:
        return f"{got.dtype} {got.shape}, not {want.dtype} {want.shape}"
    single = got.dtype in (np.float32, np.complex64)
    near = (3e-4, 3e-2) if single else (1e-10, 1e-8)
    right = np.allclose(got, want, *near) if got.dtype.kind in "fc" else np.array_equal(got, want)
    return None if right else f"{got}, not {want}"


if __name__ == "__main__":
    test_shapes.Line, test_shapes.differs = Line, differs
    sys.exit(test_shapes.main())

#TEST timeout=600
