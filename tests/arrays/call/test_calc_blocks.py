"""calc_app against Dask: functions that are called for blocks, and what only Dask has."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))

from calc_lines import CalcLines, np, python_says

try:
    import dask
    import dask.array as da
except ImportError:
    sys.exit(77)

SETUP = """X = da.arange(20, chunks=20).reshape(4, 5).rechunk((2, 3)) * 1.5
V = da.arange(10, chunks=4) + 0.5
"""
LINES = """
    da.map_blocks(lambda b: b - b.mean(), X); da.map_blocks(lambda b: b * 2 + 1, X)
    X.map_blocks(lambda b: b * b.size)
    da.map_blocks(lambda b: b.sum(keepdims=True), X, chunks=(1, 1))
    da.map_blocks(lambda b: b.sum(axis=1), X, drop_axis=1)
    da.map_blocks(lambda b: b.max(axis=0), X, drop_axis=[0])
    da.map_blocks(lambda b: b[:, None], V, new_axis=1, chunks=(V.chunks[0], (1,)))
    da.map_blocks(lambda b, k: b * k, X, k=3); da.map_blocks(lambda b, c: b + c, X, X.T)
    da.map_blocks(lambda b, c: b + c, X, V); da.map_blocks(np.sin, X)
    da.map_blocks(np.cumsum, V); da.map_blocks(lambda b: b.astype('f4') / 3, X, dtype='f4')
    X.map_blocks(lambda b, c: b - c, 5); da.map_blocks(lambda b: b[::2], V, chunks=((2, 2, 1),))
    da.map_blocks(lambda a, b: a + 10 * b, X, X.rechunk((2, 3)))
    da.blockwise(lambda a: a.T, 'ji', X, 'ij', dtype=float)
    da.blockwise(lambda a, b: a[:, None] * b[None, :], 'ij', V, 'i', V, 'j', dtype=float)
    da.blockwise(lambda a, b: a @ b, 'ik', X, 'ij', X.T, 'jk', concatenate=True, dtype=float)
    da.blockwise(lambda a: a.sum(axis=1), 'i', X, 'ij', concatenate=True, dtype=float)
    da.blockwise(lambda l: sum([v.sum(axis=1) for v in l]), 'i', X, 'ij', dtype=float)
    da.blockwise(lambda a, k: a * k, 'i', V, 'i', 3, None, dtype=float)
    da.blockwise(lambda a: a[:, None] * np.ones(2), 'ik', V, 'i', new_axes={'k': 2}, dtype=float)
    da.blockwise(lambda a, n=1: a + n, 'ij', X, 'ij', n=5, dtype=float)
    da.blockwise(lambda a: np.repeat(a, 2), 'i', V, 'i', adjust_chunks={'i': lambda n: 2 * n}, \
      dtype=float)
    da.blockwise(np.add, (0, 1), X, (0, 1), V, (1,), dtype=float)
    V.map_overlap(lambda b: b + b.sum(), depth=1)
    V.map_overlap(lambda b: b + b.sum(), depth=1, boundary='reflect')
    V.map_overlap(lambda b: b + b.sum(), depth=2, boundary='periodic')
    V.map_overlap(lambda b: b + b.sum(), depth=2, boundary='nearest')
    V.map_overlap(lambda b: b + b.sum(), depth=2, boundary=0)
    V.map_overlap(lambda b: b + b.sum(), depth=2, boundary='none')
    V.map_overlap(lambda b: b + b.sum(), depth={0: (1, 0)}, boundary='none')
    V.map_overlap(lambda b: b + b.sum(), depth=(2,), boundary=np.nan)
    V.map_overlap(lambda b: b[1:-1] * 2, depth=1, boundary='nearest', trim=False)
    X.map_overlap(lambda b: b - b.min(), depth=1, boundary='reflect')
    X.map_overlap(lambda b: b - b.min(), depth={0: 1, 1: 2}, boundary={0: 'periodic', 1: 5})
    X.map_overlap(lambda b: b - b.min(), depth=(1, 0), boundary=('nearest', 'none'))
    da.map_overlap(lambda a, b: a + b.sum(), X, X * 2, depth=1, boundary='reflect')
    da.map_overlap(lambda a, k: a * k + a.sum(), X, depth=1, boundary=0, k=2)
    V.map_overlap(lambda b: np.roll(b, 1) + b + np.roll(b, -1), depth=1, boundary='periodic')
    X.map_overlap(lambda b: np.diff(b, axis=0, prepend=0), depth=1)
    X.map_overlap(lambda b: b, depth=3, boundary='reflect')
    da.apply_gufunc(lambda x: x.mean(axis=-1), '(i)->()', X, allow_rechunk=True)
    da.apply_gufunc(lambda x: (x.mean(axis=-1), x.std(axis=-1)), '(i)->(),()', X, \
      output_dtypes=2 * (float,), allow_rechunk=True)
    da.apply_gufunc(lambda x, y: np.einsum('...i,...i->...', x, y), '(i),(i)->()', X, X * 2, \
      allow_rechunk=True)
    da.apply_gufunc(lambda x, y: x[..., :, None] * y[..., None, :], '(i),(j)->(i,j)', V, V, \
      allow_rechunk=True)
    da.apply_gufunc(lambda x: x.mean(axis=-1), '(i)->()', X, axis=0, allow_rechunk=True)
    da.apply_gufunc(lambda x: x.mean(axis=-1), '(i)->()', X, axis=0, keepdims=True, \
      allow_rechunk=True)
    da.apply_gufunc(lambda x: x.sum(), '(i)->()', X, vectorize=True, output_dtypes=float, \
      allow_rechunk=True)
    da.apply_gufunc(lambda a, b: a + b, '(),()->()', X, 3)
    da.apply_gufunc(lambda a: a * 2, '(i)->(i)', X, axes=[(0,), (0,)], allow_rechunk=True)
    da.apply_gufunc(np.add, '(),()->()', X, V)
    da.apply_gufunc(lambda x: x.mean(axis=-1), '(i,j)->()', X, allow_rechunk=True)
    da.apply_gufunc(lambda x: x, '(i', X)
    da.apply_gufunc(lambda x, y: x, '(i),(i)->(i)', X, V[:3]); da.apply_along_axis(np.sum, 0, X)
    da.apply_along_axis(lambda v: v.sum() + v[0], 1, X)
    da.apply_along_axis(lambda v, k: v * k, 0, X, 3); da.apply_along_axis(lambda v: v[:2], 1, X)
    da.apply_along_axis(np.cumsum, 1, X); da.apply_along_axis(np.median, 0, X)
    da.apply_along_axis(np.std, 0, X, ddof=1); da.apply_along_axis(np.diff, 1, X)
    da.piecewise(X, [X < 4, X >= 6], [-1, 1]); X.blocks[0, 1]; X.blocks[1]; X.blocks[:, ::-1]
    X.blocks[[0, 1], 0]; X.partitions[0]; X.chunks; X.numblocks; X.npartitions
    X.rechunk({0: -1}).chunks; da.coarsen(np.sum, X, {0: 2, 1: 2}, trim_excess=True)
    da.topk(V, 3); da.argtopk(V, -2); da.compress([True, False, True, True], X, axis=0)
    V.topk(2); X.topk(-1, axis=0); V.argtopk(2); X.chunksize; V.rechunk(3).chunksize
    da.compute(X.sum(), V); da.compute(V); da.compute(V, scheduler='sync'); da.atleast_2d(V).shape
    da.from_array(np.arange(6), chunks=2).chunks
"""


def computed(value):
    if isinstance(value, (tuple, list)):
        return type(value)(computed(item) for item in value)
    return value.compute() if hasattr(value, "compute") else value


def dask_says(lines, setup):
    with dask.config.set(scheduler="sync"):
        return python_says(lines, setup, {"np": np, "da": da}, computed)


class Blocks(CalcLines):
    def test_functions_of_blocks_give_what_dask_s_give(self):
        self.compare(LINES, SETUP, others=dask_says)

    def test_blocks_know_their_number(self):
        self.assertEqual(self.calc(["X.map_blocks(lambda b, block_id: b * 0 + 10 * block_id[0]"
                                    " + block_id[1]).sum(axis=1)"], SETUP), ["[ 2.  2. 52. 52.]\n"])

    def test_ranks_make_no_difference(self):
        self.compare(LINES, SETUP, n=3, others=dask_says)


if __name__ == "__main__":
    unittest.main()

#TEST timeout=300
