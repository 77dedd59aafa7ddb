"""calc_app against NumPy, function by function: keyword arguments, modes, and corner cases.

All topics are one session: a statement changes what the lines after it see.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))

from calc_lines import CalcLines

SETUP = """x = np.array([[1,2,3],[4,5,6],[7,8,9]])
y = np.array([[0.5,-1.25,3],[2,0,1],[1e3,2,-7.75]])
i8 = np.array([1,2,100], dtype=np.int8)
u8 = np.array([1,2,200], dtype=np.uint8)
f4 = np.array([0.1,2,3e5], dtype=np.float32)
z = np.array([1+2j, -0.5j, 3.25])
z2 = np.array([[1+2j, -0.5j, 3.25],[0, 1j, 2]])
n = np.array([np.nan, 1.5, np.inf, -np.inf, 2])
m = np.array([[np.nan, 1.5, 3], [2, np.nan, 4.25], [1, 0, -1]])
c3 = np.arange(24).reshape(2,3,4)
c33 = np.arange(27).reshape(3,3,3)
e = np.zeros((0,3))
"""
TOPICS = {
    "documented arguments": r"""
        np.sum(np.array(3.0), axis=0); np.max(np.array(3), -1); np.mean(np.array(3.0), axis=0)
        np.argsort(np.array(3.0)); np.cumsum(np.array(3.0), axis=-1); np.sort(np.array(3.0))
        np.repeat(np.array(3.0), 2, axis=0); np.insert(np.array(3.0), 1, 9, axis=0)
        np.quantile(x, 1); np.quantile(x > 2, [0, 1]); np.quantile(y, 1); np.argmin(y, axis=(0, 1))
        np.mean(x * 100, dtype='u1'); np.mean(x, axis=0, dtype=int); np.var(x, axis=1, dtype=int)
        np.var(x[:2, 0], dtype=complex); np.nanvar(n, dtype=int); np.nanmean(x, dtype='i2')
        np.nancumprod(n[:2], dtype=int); np.nancumsum(n, dtype=bool); np.linalg.norm(y, axis=())
        np.concatenate(y); np.stack(x, axis=1); np.vstack(y); np.concatenate(np.array(3))
        np.roll(y, 1, axis=()); np.flip(y, axis=(0, -2)); np.squeeze(np.array(3.0), axis=0)
        np.pad(y, 1, stat_length=2); np.pad(y, 1, mode='mean', stat_length=2)
        np.pad(y, 1, mode='edge', constant_values=1); np.pad(y, 1, reflect_type='odd')
        np.isin(x, [1, 2], kind='table'); np.isin(y, [1], kind='x'); np.isin(y, [1], kind='table')
        np.less(x, y, dtype=bool); np.isnan(y, dtype=float); np.logical_and(x, y, dtype=bool)
        np.extract([True, False, True], y); np.argwhere(np.array(3)); np.argwhere(np.array(0))
        np.diff(np.array(3.0), n=0); np.expand_dims(y, None); np.sum(np.array(3), where=[True])
        np.histogram(y, weights=[1, 2]); np.reshape(x, 9, order='K'); np.sinc(y, dtype='f4')
        np.digitize(z, [1, 2]); np.i0(y, where=[True]); np.isneginf(n, casting='unsafe')
        np.block([[x.astype('u2'), x.astype('i1')], [np.ones((1, 6), 'f4')]]).dtype
        np.block([[[1]], [2]]); np.block((1, 2)); np.block([[], [1]]); np.block(3)
        np.block([[np.ones((600, 900), 'u2'), np.ones((600, 9), 'i1')],\
            [np.ones((1, 909), 'f4')]]).dtype
    """,
    "functions of pieces": r"""
        np.piecewise(x, [x < 4, x >= 6], [-1, 1]); np.piecewise(x, [x < 4, x >= 6], [-1, 1, 7])
        np.piecewise(y, [y < 0, y >= 0], [lambda v: -v, lambda v: v * 2])
        np.piecewise(x, x > 3, [1]); np.piecewise(x, x > 3, [lambda v: v * v, 0])
        np.piecewise(x, [x > 3], [lambda v, k: v * k, 0], 10); np.piecewise(2.5, [True], [9])
        np.piecewise(y, [y > 1, y > 2], [1.5, 2.5])
        np.piecewise(x, [x > 4, x > 6], [lambda v, k=2: v * k, 5, 3])
        np.piecewise(y, [y > 1], [lambda v: v - v.mean(), lambda v: v.sum()])
        np.piecewise(x, [x > 100], [lambda v: v.sum()]); np.piecewise(x, x > 3, [1, 2])
        np.piecewise(x, [[True, False, True]], [5])
    """,
    "indices as arguments": r"""
        np.fromfunction(lambda i, j: i + j, (3, 3), dtype=int)
        np.fromfunction(lambda i, j: i == j, (3, 3)); np.fromfunction(lambda i: i * 2, (4,))
    """,
    "conditions along an axis": r"""
        np.compress([0, 1], x, axis=1); np.compress([True, False, True, True], x)
        np.extract(x > 4, x); np.extract([1, 0, 1], [1, 2, 3]); x.compress([0, 1], axis=0)
    """,
    "one of several choices": r"""
        np.select([x < 3, x > 5], [x, x * 10]); np.select([x < 3, x > 5], [x, x * 10], 99)
        np.select([x < 3], [y]); np.select([x < 3, y > 2], [0, 1.5], default=-1)
    """,
    "one of several by number": r"""
        np.choose([0, 1, 2], [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
        np.choose([0, 4, -1], [[1, 2, 3], [4, 5, 6]], mode='wrap')
        np.choose([0, 4, -1], [[1, 2, 3], [4, 5, 6]], mode='clip'); np.choose([0, 4], [1, 2])
    """,
    "divisions and numbers that are none": r"""
        np.divmod(x, 4); np.divmod(y, 0.7); divmod(x, 2); np.nan_to_num(n)
        np.nan_to_num(n, nan=7.0); np.nan_to_num(n, nan=1, posinf=5, neginf=-5); np.nan_to_num(x)
        np.nan_to_num(np.array([np.nan, np.inf], dtype='f4'))
        np.nan_to_num(np.array([complex(np.nan, np.inf), 1])); np.nan_to_num([np.nan, 1])
    """,
    "elements that are no number": r"""
        np.nansum(n); np.nanprod(n[:2]); np.nanmean(m, axis=0); np.nanvar(m, axis=0)
        np.nanstd(m); np.nanmin(m, axis=1); np.nanmax(m, axis=1); np.nanargmin(m)
        np.nanargmax(m, axis=0); np.nanmedian(m); np.nanpercentile(m, 30)
        np.nanquantile(m, [0.1, 0.5], axis=1); np.nancumsum(m); np.nancumprod(m, axis=0)
    """,
    "bins of elements": r"""
        np.digitize([0.2, 6.4, 3.0, 1.6], [0.0, 1.0, 2.5, 4.0, 10.0])
        np.digitize([0.2, 6.4, 3.0], [10.0, 4.0, 2.5, 1.0]); np.digitize(x, [3, 5], right=True)
        np.digitize(2.5, [1, 2, 3])
    """,
    "covariances": r"""
        np.cov(y); np.cov(y, rowvar=False); np.cov(y, bias=True); np.cov(y, ddof=0)
        np.cov(y, y[::-1]); np.cov([1, 2, 3]); np.corrcoef(y); np.corrcoef(y, rowvar=False)
        np.corrcoef([1, 2, 4], [2, 1, 5]); np.cov(y, fweights=[1, 2, 1]); np.cov(y, ddof=1.5)
        np.cov(y, fweights=[1, 2, 1], aweights=[0.5, 2, 1]); np.cov(y, fweights=[1, 2.5, 1])
        np.cov(y, aweights=[0.5, 2, 1], bias=True); np.cov(y, aweights=[1, -2, 1])
        np.cov(z2).round(12) + 0
        np.cov(y, aweights=[1, 2]); np.cov([1, 2], [3, 5], dtype='f4')
    """,
    "histograms": r"""
        np.histogram(x); np.histogram(x, bins=3); np.histogram(x, bins=[0, 3, 6, 9])
        np.histogram(x, range=(2, 8)); np.histogram(x, bins=4, weights=y)
        np.histogram(x, bins=4, weights=x); np.histogram(x, bins='auto')
        np.histogram(x, bins='sturges'); np.histogram(x, bins='sqrt')
        np.histogram(x, bins='rice'); np.histogram(x, bins='scott'); np.histogram(x, bins='fd')
        np.histogram(x, bins='doane'); np.histogram([], bins=3); np.histogram([1, 1, 1], bins=2)
        np.histogram(x, bins=[1, 4, 9], density=True)
    """,
    "counts of integers": r"""
        np.bincount([0, 1, 1, 3]); np.bincount([0, 1, 1, 3], minlength=6)
        np.bincount([0, 1, 1], weights=[0.5, 1, 2])
        np.bincount([0, 1], weights=[1, 2], minlength=4)
    """,
    "quantiles": r"""
        np.percentile(x, 50); np.percentile(x, [25, 75], axis=0)
        np.percentile(x, 40, method='lower'); np.percentile(x, 40, method='higher')
        np.percentile(x, 40, method='nearest'); np.percentile(x, 40, method='midpoint')
        np.percentile(x, 40, method='inverted_cdf')
        np.percentile(x, 40, method='averaged_inverted_cdf')
        np.percentile(x, 40, method='closest_observation')
        np.percentile(x, 40, method='interpolated_inverted_cdf')
        np.percentile(x, 40, method='hazen'); np.percentile(x, 40, method='weibull')
        np.percentile(x, 40, method='median_unbiased')
        np.percentile(x, 40, method='normal_unbiased')
        np.quantile(y, 0.3, axis=1, keepdims=True); np.quantile(y, [[0.1, 0.2], [0.3, 0.4]])
        np.quantile(y, np.array([0.1, 0.9])); np.percentile(x, 50, method='bogus')
        np.quantile(x, [0.5]); np.quantile(x, 0.5, axis=(0, 1)); np.percentile(x, [], axis=0)
    """,
    "distinct elements": r"""
        np.unique(x); np.unique([3, 1, 1, 2], return_counts=True)
        np.unique([3, 1, 1, 2], return_index=True); np.unique([3, 1, 1, 2], return_inverse=True)
        np.unique([3, 1, 1, 2], return_index=True, return_inverse=True, return_counts=True)
        np.unique(n); np.unique([True, False, True])
        np.unique([[2, 1], [1, 2]], return_inverse=True); np.unique(x, axis=0)
        np.unique([[5, 3], [1, 2], [5, 3]], True, True, True, 0); np.unique(c3, axis=-1)
        np.unique(n, return_counts=True, return_inverse=True, equal_nan=False)
        np.unique(z, return_index=True); np.unique(np.zeros((3, 0)), axis=0, return_counts=True)
        np.unique(x, axis=2); np.unique([3, np.nan, np.nan], axis=0)
    """,
    "sorted elements": r"""
        np.sort(x[::-1, ::-1]); np.sort(y, axis=0); np.sort(x, axis=None); np.sort(n); np.sort(z)
        np.argsort(y, axis=0, kind='stable'); y.argsort(0, 'stable'); np.sort(5); np.argsort(5)
        np.sort([]); np.sort(x, axis=2); np.sort(x, kind='bogus'); np.partition(n, 1)[1]
        np.argpartition(n, 1)[1]; np.partition(x, 5); np.sort(x, order="a")
        np.sort(np.arange(100, chunks=9)[::-1] % 7)
    """,
    "norms": r"""
        np.linalg.norm(y); np.linalg.norm(y, 'fro'); np.linalg.norm(y, 1); np.linalg.norm(y, -1)
        np.linalg.norm(y, np.inf); np.linalg.norm(y, -np.inf); np.linalg.norm(y, axis=0)
        np.linalg.norm(y, 1, axis=1); np.linalg.norm(y, 3, axis=1); np.linalg.norm(y, 0, axis=1)
        np.linalg.norm(y, axis=1, keepdims=True); np.linalg.norm(y[0], np.inf)
        np.linalg.norm(y, axis=(0, 1)); np.linalg.norm(z); np.linalg.norm(x, ord=None)
        np.linalg.norm(c3, axis=(1, 2)); np.linalg.norm(c3, 2, axis=(0, 2)); np.linalg.norm(c3)
    """,
    "places in sorted elements": r"""
        np.searchsorted([1, 2, 3, 5], 3); np.searchsorted([1, 2, 3, 5], 3, side='right')
        np.searchsorted([1, 2, 3, 5], [0, 4, 9])
        np.searchsorted([1, 2, 3, 5], [[0, 4], [3, 9]], side='right')
        np.searchsorted([3, 1, 2], [2, 3], sorter=[1, 2, 0])
        np.searchsorted([1.0, np.nan], [np.nan, 2])
    """,
    "membership": r"""
        np.isin(x, [1, 5]); np.isin(x, [1, 5], invert=True); np.isin(x, 5); np.in1d(x, [1, 5])
        np.isin([1.5, 2], [2]); np.isin(x, [])
    """,
    "differences": r"""
        np.diff(x, n=2); np.diff(x, axis=0); np.diff(x, prepend=0)
        np.diff(x, append=[[1], [2], [3]]); np.diff(x, n=0); np.diff([True, False, True])
        np.diff(x, n=5); np.diff(x, prepend=0, append=9, axis=0); np.diff(i8); np.diff(x, n=-1)
    """,
    "gradients": r"""
        np.gradient(y); np.gradient(y, 2.0); np.gradient(y, 2, 3); np.gradient(y, axis=0)
        np.gradient(y, [0, 1, 3], axis=1); np.gradient(y, 1, [0, 2, 3])
        np.gradient(y, edge_order=2); np.gradient(y, [0, 1, 3], axis=0, edge_order=2)
        np.gradient([1, 2, 4, 7, 11]); np.gradient([1, 2, 4, 7, 11], 2)
        np.gradient(y, axis=(0, 1)); np.gradient(f4)
        np.gradient([1, 2, 4, 7], np.array([0, 1, 3, 4])); np.gradient(y, edge_order=3)
        np.gradient([1])
    """,
    "windows": r"""
        np.lib.stride_tricks.sliding_window_view(x, 2, axis=0)
        np.lib.stride_tricks.sliding_window_view(x, (2, 2))
        np.lib.stride_tricks.sliding_window_view(np.arange(6), 3)
        np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(1, 1))
        np.lib.stride_tricks.sliding_window_view(np.arange(6), 7)
    """,
    "rolled elements": r"""
        np.roll(x, 2); np.roll(x, (1, 2), axis=(0, 1)); np.roll(x, (1, 1), axis=(0, 0))
        np.roll(x, -1, axis=-1); np.roll(x, 1, axis=(0, 1)); np.roll(x, 100); np.roll([], 3)
    """,
    "padding": r"""
        np.pad(x, 1, mode='constant', constant_values=9); np.pad(x, 1, constant_values=(1, 2))
        np.pad(x, ((1, 2), (0, 1)), constant_values=((1, 2), (3, 4))); np.pad(x, 2, 'edge')
        np.pad(x, 5, 'reflect'); np.pad(x, 2, 'reflect', reflect_type='odd')
        np.pad(x, 5, 'symmetric'); np.pad(x, 2, 'symmetric', reflect_type='odd')
        np.pad(x, 5, 'wrap'); np.pad(x, 2, 'linear_ramp')
        np.pad(y, (1, 2), 'linear_ramp', end_values=(5, -4)); np.pad(x, 1, 'maximum')
        np.pad(x, 1, 'maximum', stat_length=1)
        np.pad(x, 1, 'minimum', stat_length=((1, 2), (2, 1))); np.pad(x, 1, 'mean')
        np.pad(y, 1, 'mean', stat_length=2); np.pad(x, 1, 'empty').shape; np.pad(x, (1, 2))
        np.pad(x, ((1, 2),)); np.pad(x, 0); np.pad(x, -1); np.pad(x, 1, 'bogus')
        np.pad([True], 1); np.pad(z, 1); np.pad(i8, 2, 'wrap')
    """,
    "tiles": r"""
        np.tile(x, (2, 1)); np.tile([1, 2], (2, 1, 2)); np.tile(x, 0); np.tile(5, 3)
        np.tile(x, (1, 2, 1, 1)).shape
    """,
    "repeated elements": r"""
        np.repeat(x, 2); np.repeat(x, [1, 2, 0], axis=0); np.repeat(x, [1, 2, 0], axis=1)
        np.repeat(3, 4); np.repeat([1, 2], [2, 3]); np.repeat(x, 0, axis=0)
        x.repeat([0, 1, 1], 0); np.repeat(x, -1); np.repeat(x, [1, 2], axis=0)
    """,
    "turned axes": r"""
        np.rot90(x, 2); np.rot90(x, -1); np.rot90(c3, 1, (1, 2)); np.rot90(c3, axes=(0, 2))
        np.rot90(x, 5); np.rot90(c3, 1, (0, 0)); np.rot90([1, 2])
    """,
    "Einstein's sums": r"""
        np.einsum('ij,jk->ik', x, y); np.einsum('ii', x); np.einsum('ij->ji', x)
        np.einsum('ij', x); np.einsum('i,i', x[0], x[1]); np.einsum('...i,...i->...', x, y)
        np.einsum('ij,ij->', x, y); np.einsum('ii->i', x); np.einsum('i,j', [1, 2], [3, 4])
        np.einsum('ij,j', x, [1, 2, 3]); np.einsum('ijk,k->ij', c3, [1, 2, 3, 4])
        np.einsum('ij,jk,kl->il', x, x, x); np.einsum('ba', x); np.einsum('ij,jk', x, y)
        np.einsum('iij->j', c33); np.einsum('i->', [1, 2]); np.einsum('ij,kj->ik', z2, z2)
    """,
    "tensor products": r"""
        np.tensordot(x, y); np.tensordot(x, y, 1); np.tensordot(x, y, 0).shape
        np.tensordot(x, y, axes=([0], [1])); np.tensordot(x, y, axes=(0, 0))
        np.tensordot(c3, c3, axes=([1, 2], [1, 2])); np.tensordot(c3, y, axes=([1], [0])).shape
        np.tensordot(x, y, axes=((0, 1), (1, 0)))
    """,
    "products": r"""
        np.vdot(x, y); np.vdot(z, z); np.dot(x, y); np.dot(3, x); x.dot(y); np.dot(x, [1, 2, 3])
        np.inner(x, y); np.inner(x, 2); np.outer([1, 2], [3, 4]); np.outer(x, [1, 2]); x @ y
        x @ [1, 2, 3]; x.T @ y; y.T @ y.T; np.matmul(c3, c3.transpose(0, 2, 1))
    """,
    "factors": r"""
        np.abs(np.linalg.qr(y)[1]); np.linalg.svd(y)[1]; np.linalg.svd(y, compute_uv=False)
        q, r = np.linalg.qr(y); np.round(q @ r, 6)
        u, s, v = np.linalg.svd(y, full_matrices=False); np.round((u * s) @ v, 6)
        np.linalg.qr(y, mode='r').shape; np.linalg.qr(y, mode='bogus')
        [np.round(a, 6) for a in np.linalg.qr(np.array([[3.0, 1], [4, 2], [0, 5]]), 'complete')]
        [np.round(a, 6) for a in np.linalg.qr(np.array([[3.0, 1], [4, 2], [0, 5]]), 'raw')]
        [a.shape for a in np.linalg.svd(np.arange(12.0).reshape(6, 2))]
        [a.shape for a in np.linalg.svd(np.arange(6.0).reshape(2, 3))]
        [a.shape for a in np.linalg.qr(c3 * 1.0)]; np.round(np.linalg.svd(c3, compute_uv=False), 6)
        [a.shape for a in np.linalg.svd(np.arange(12.0).reshape(6, 2), full_matrices=False)]
    """,
    "what reductions are asked for": r"""
        x.sum(dtype=float); x.sum(dtype='i4'); np.sum(x, dtype=np.float32); i8.sum(dtype='i8')
        x.mean(dtype='f4'); y.mean(dtype='f4'); np.mean(x, where=x > 3); x.sum(where=x > 3)
        x.sum(initial=10); x.sum(axis=0, initial=10); x.prod(initial=2); x.max(initial=100)
        x.min(initial=-5, axis=1); x.max(initial=0, where=x < 5)
        np.min(x, where=x > 2, initial=50); x.std(where=x > 3); x.var(where=x > 3, axis=0)
        x.any(where=x > 100); x.all(where=x > 3, axis=0); np.any(x > 5, axis=0, keepdims=True)
    """,
    "what reductions are asked for by place": r"""
        x.sum(axis=None, dtype=None, out=None); x.mean(0, None, None); np.add.reduce(x, axis=1)
        np.sum(x, 0, None, None, True); x.std(0, None, None, 1); x.sum(out=y)
        np.var(x, ddof=1, dtype='f4'); np.std(x, 0, ddof=2, keepdims=True); x.max(0, None, True)
        np.max(x, axis=0, out=None); np.argmax(x, axis=1, keepdims=True); np.argmax(x, 0, None)
        x.argmin(); x.argmax(1); x.cumsum(dtype=float); np.cumsum(x, axis=0, dtype='i2')
        x.cumsum(0); np.cumprod(x, 1); np.prod(x, dtype='f8'); np.sum([1, 2], dtype=bool)
        np.sum(x > 2); np.sum([True, True]); np.prod([True]); i8.sum().dtype; u8.sum().dtype
        i8.prod().dtype; f4.mean().dtype; np.mean(i8).dtype; np.sum(i8, dtype='i1')
        np.mean([True, False]); u8.cumsum().dtype
    """,
    "complex numbers at the ends of the range": r"""
        np.tan(np.array([complex(-1.7e308, 1000), complex(1e308, -1000), complex(1.7e308, 30)]))
        np.tanh(np.array([complex(1000, -1.7e308), complex(-30, 1.7e308)]))
        np.power(np.array([complex(np.nan, np.inf), complex(np.inf, 0)]), -809523200.0)
        np.power(np.array([complex(np.inf, 0)]), 2.5 + 1j)
        small = np.angle(np.array([1.0309488e+23 - 2.8118537e-19j], dtype=np.complex64), deg=True)
        abs(small.astype(float) / -1.562709487e-40 - 1) < 2.5e-4
    """,
    "complex reductions": r"""
        np.max(z); np.min(z); np.argmin(z); np.argmax(z); np.ptp(z); np.max(z2, axis=0)
        np.min(z2, axis=1, keepdims=True); np.nanmax(np.array([1j, complex(np.nan, 0)]))
        np.max(np.array([1j, complex(np.nan, 0), complex(0, np.nan)]))
        np.argmax(np.array([1j, complex(np.nan, 0), 5])); np.min(z.astype('c8'))
        np.argmin(z2, axis=0); np.max(z, initial=10j)
        np.max(z, initial=0, where=[True, False, False])
        np.nanargmax(np.array([1j, complex(np.nan, 0), 5])); np.max(np.array([], dtype=complex))
        np.max(z2); np.argmax(z2); np.min(z2, axis=(0, 1))
        np.argmax(np.array([2+1j, 2+3j, 2+3j, 1+9j])); np.nanmin(z2, axis=0)
        np.prod(z); np.any(z); np.all(z); np.count_nonzero(z); z.sum(); z.std(); z.cumsum()
        z.cumprod(); np.maximum(z, 1); np.minimum(z, 1j); np.fmax(z, 1); np.nansum(z)
        np.round(z); np.clip(z, 0, 1)
    """,
    "reductions of nothing and with weights": r"""
        np.any(y); np.all(f4); np.all(e); np.any(e); e.sum(); e.sum(axis=0); e.prod(axis=0)
        e.mean(axis=1); e.max(axis=1); e.max(); e.max(axis=0); np.argmax(e); np.nansum(e)
        e.any(axis=0); np.all([]); np.median([]); e.std(axis=0); np.count_nonzero(e, axis=0)
        np.count_nonzero(x, keepdims=True); np.median(x, axis=(0, 1))
        np.median(y, axis=0, keepdims=True); np.ptp(x, axis=0); x.ptp()
        np.average(x, weights=y, axis=1); np.average(x, axis=0, weights=[1, 2, 3])
        np.average(x, weights=x, returned=True); np.average(x, keepdims=True)
        np.average([1, 2], weights=[1, -1]); np.average(f4, returned=True)[1].dtype
        np.quantile([], 0.5); np.quantile(x > 2, 0.5); np.quantile(x > 2, 0.5, method='lower')
        np.median(z); np.median(z2, axis=0); (z2 * np.conj(z2)).imag
    """,
    "taken elements": r"""
        np.take(x, [0, 10], mode='wrap'); np.take(x, [0, 10, -20], mode='clip')
        np.take(x, [0, 10], mode='raise'); np.take(x, 4); np.take(x, [[0, 1], [2, 3]])
        np.take(x, [[0, 1], [2, 2]], axis=1); x.take([1, 5]); np.take(x, -1, axis=0)
        np.take(x, [0, 5], axis=1, mode='wrap'); np.take(x, [0, 5], axis=1, mode='bogus')
        np.take([5, 6], [-1])
    """,
    "insertion": r"""
        np.insert(x, 1, 5); np.insert(x, 1, 5, axis=0); np.insert(x, [1, 2], [10, 20], axis=1)
        np.insert([1, 2, 3], [0, 0, 3], [7, 8, 9]); np.insert(x, slice(0, 2), 9, axis=1)
        np.insert([1, 2], -1, 5); np.insert(x, 1, [1, 2, 3], axis=1)
        np.insert(x, [1], [[1], [2], [3]], axis=1); np.insert([1, 2], 5, 0)
        np.insert([1, 2, 3], 1, 2.7); np.insert([1, 2, 3], 1, [4, 5])
        np.insert([1, 2, 3, 4], [1, 3], 0); np.insert(x, 3, 0, axis=1)
    """,
    "deletion": r"""
        np.delete(x, 1); np.delete(x, 1, axis=0); np.delete(x, [0, 2], axis=1)
        np.delete(x, slice(None, None, 2), axis=1); np.delete([1, 2, 3], [True, False, True])
        np.delete([1, 2, 3], -1); np.delete([1, 2, 3], [0, 0]); np.delete(x, [])
        np.delete([1, 2], 5); np.delete(x, np.array([1]), 0); np.delete([1, 2, 3], np.s_[:2])
    """,
    "appending": r"""
        np.append(x, [[1, 2, 3]], axis=0); np.append(x, 5); np.append(x, [1, 2], axis=0)
        np.append([1], [2.5])
    """,
    "assignment": r"""
        a = x.copy(); a[[0, 2]] = 0; a; a = x.copy(); a[[0, 1], [1, 2]] = 99; a; a = x.copy()
        a[a > 4] = -1; a; a = x.copy(); a[[True, False, True]] = [[1, 1, 1], [2, 2, 2]]; a
        a = x.copy(); a[:, [2, 0]] = 5; a; a = x.copy(); a[a > 4] = [1, 2, 3, 4, 5]; a
        a = x.copy(); a[[0, 0]] = [[1, 2, 3], [4, 5, 6]]; a; a = x.copy()
        a[1:, [0, 2]] = [[1, 2], [3, 4]]; a; a = x.copy(); a[np.array([[0, 1], [1, 2]])] = 7; a
        a = x.copy(); a[0, [1, 2]] = 7.9; a; a = x.copy(); a[x % 2 == 0] += 10; a; a = x.copy()
        a[...] = 3; a; a = x.copy(); a[None, 0] = 5; a; a = x.copy()
        a[::-1, ::2] = [[1, 2], [3, 4], [5, 6]]; a; a = x.copy(); a[[0, 1], :2] *= 3; a
        a = x.copy(); a[a[:, 0] > 3, 1] = 0; a; a = x.copy(); a[1] = a[0]; a; a = x.copy()
        a[-1, -1] = 0; a; a = x.copy(); a[[5]] = 0; a = x.copy(); a[a > 4] = [1, 2]; a = x.copy()
        a[:] = [1, 2]; a = x.copy(); a[0] = np.nan; a = x.copy(); a[0] = 2.7; a; a = y.copy()
        a[1] = np.nan; a; a = x.copy(); c = c3.copy(); c[:, [0, 2], 1] = -1; c; c = c3.copy()
        c[0, [0, 2]] = -1; c; c = c3.copy(); c[[0, 1], :, [1, 2]] = np.arange(6).reshape(2, 3); c
        c = c3.copy(); c[..., [0, 3]] = [[7, 8]]; c; c = c3.copy(); c[:, c[0, :, 0] > 3] = 0; c
        c = c3.copy(); c[c3 % 5 == 0] = np.arange(5); c; c = c3.copy()
        c[1:, [2, 0], ::2] = [[1, 2], [3, 4]]; c; c = c3.copy(); c[[[0], [1]], [0, 2]] = 9; c
        c = c3.copy(); c[c3[:, 0, 0] > 5] = 1; c; c = c3.copy(); c[:, [1, 1, 1], 0] = [1, 2, 3]
        c; c = c3.copy(); c[[-1]] = 0; c; c = c3.copy(); c[[]] = 0; c; c = c3.copy()
        c[np.array([], dtype=int), 0] = 5; c; c = c3.copy(); c[[0, 1], [0, 5]] = 0
    """,
    "Python's numbers beside arrays": r"""
        u8 / -3; u8 // -3; u8 - 1; u8 + 1; u8 * 2; u8 + -1; u8 * 1.5; u8 / 2; u8 - 300; i8 + 200
        i8 + 1000; i8 * 2.5; f4 * 2; f4 + 1e300; u8 ** 2; u8 ** -1; x ** -1; x ** 2.0; u8 / 3.0
        u8 & 3; u8 | 300; u8 << 1; i8 % 3; np.add(u8, -1); np.uint8(5) - np.uint8(6)
        np.int8(127) + np.int8(1); np.float32(3) * 1.5; np.float32(3) + np.float64(1); True + u8
        u8 + np.int64(1); u8 + np.array(1); u8 / -3.0; -3 / u8; 1 - u8; -1 - u8; u8 + 1j
        np.maximum(u8, -1); np.minimum(u8, 300); np.clip(u8, -1, 5); np.clip(u8, 2, 300)
        np.full(3, -1, dtype='u1'); np.copysign(u8, -3); np.fmod(u8, -3); np.remainder(u8, -3)
        np.power(u8, -3); np.float_power(u8, -3); u8 and 1; np.true_divide(u8, -3)
        np.heaviside(u8, -3); np.ldexp(u8, -3); np.left_shift(u8, -1); i8 / 1000
        np.divide(i8, 1000)
    """,
    "new shapes": r"""
        c3.reshape(4, 6); c3.reshape(-1); c3.reshape(3, -1).T.reshape(-1, 2); c3.T.reshape(4, 6)
        c3[:, ::2].reshape(-1); c3.reshape((2, 12))[:, ::5]; c3.reshape(5, -1)
        c3.reshape(-1, -1); c3.reshape(4, 6, order='F'); c3.ravel(order='F'); c3.flatten('F')
        e.reshape(3, 0); e.reshape(-1, 3); e.reshape(0, -1); np.reshape(c3, (6, 4)).sum(axis=0)
        np.reshape(x, 9); x.reshape([9, 1]).shape; x.reshape(()); np.array(5).reshape(1, 1)
        c3.reshape(2, -1)[1, 3:].reshape(3, 3)
    """,
    "joining and splitting": r"""
        np.concatenate([x, y], axis=None); np.concatenate([x, x], dtype='f4')
        np.stack([x, x], axis=2).shape; np.stack([x, y], dtype='f4'); np.hstack([1, 2])
        np.vstack([[1, 2], [3, 4]]); np.dstack([[1, 2], [3, 4]]); np.stack([x, x[0]])
        np.split(np.arange(6), 3); np.array_split(np.arange(7), 3); np.hsplit(x, 3)
        np.vsplit(x, [1]); np.block([[x, np.ones((3, 1))], [np.zeros((1, 4))]])
        np.concatenate([x, x], dtype='f4'); np.concatenate([y, y], dtype=int)
        np.hstack([x, x], dtype='f4')
    """,
    "axes": r"""
        np.moveaxis(c3, [0, 1], [-1, -2]).shape; np.rollaxis(c3, 2).shape
        np.expand_dims(x, (0, 2)).shape; np.squeeze(x[None], axis=0).shape; np.squeeze(x, axis=0)
        np.broadcast_to(5, (2, 2)); np.atleast_3d(x).shape; np.flip(c3, (0, 2)); np.fliplr(x)
        np.flipud(x); x.swapaxes(0, 1); np.transpose(c3, (2, 0, 1)).shape
        c3.transpose(1, 0, 2).shape; c3.transpose((0, 0, 1)); np.swapaxes(c3, 0, -1).shape
        x.diagonal(); x.nonzero(); np.diag(x, 1); np.tril(c3, -1); np.shape(x); np.ndim(x)
        np.size(x); np.apply_along_axis(np.sum, 0, x)
        np.apply_along_axis(lambda v: v - v.mean(), 1, x)
        np.apply_along_axis(lambda v: v[0] * 2, 0, x); np.apply_along_axis(np.cumsum, 0, c3)
        np.nanprod(m); np.fix(-1.5); np.mod(-7, 3); np.cbrt(27); np.positive(x); np.rint(2.5)
        np.exp2(3)
    """,
    "made arrays": r"""
        np.linspace([0, 1], [10, 20], 5, axis=1); np.linspace(0, [10, 20], 3, retstep=True)
        np.linspace(0, 1j, 3); np.linspace(0, 1, 5, axis=1); np.linspace([1, 2], [1, 5], 3)
        np.logspace([0, 1], [1, 2], 3, axis=-1, base=2); np.array([1, 2], ndmin=3)
        np.array(5, ndmin=2, dtype='f4'); np.array([1, 2], order='F'); np.array([300], dtype='u1')
        np.array([[1, -1]], dtype='u1'); np.array([1j], dtype=float); np.uint8(300)
        np.array([2**63]); np.array([2**63, -1]); np.full(2, 2**64 - 1); np.array([2**64], 'u8')
        np.array([1, 2], dtype='u8') + 2**63; np.array([1, 2]) + 2**63; np.array([1.5]) + 2**70
        np.array([1, 2]) * 2**70; np.array([2**64 - 1], dtype='u8') == 2**64 - 1
        2**64; -2**63 - 1; 0xFFFFFFFFFFFFFFFF & 255; 2**100 // 3; ~(2**63); 2**63 == 2.0**63
        f'{2**64:x}'; int(1e19); float(2**64); abs(-2**63); np.array([2**64 - 1], 'u8')[0].item()
        np.logspace(0, 2, 3); np.logspace(0, 3, 4, base=2); np.logspace(0, 2, 3, endpoint=False)
        np.logspace(0, 2, 3, dtype=int); np.linspace(0, 1, 0); np.linspace(5, 1, 3)
        np.linspace(0, 1, 1); np.linspace(0, 10, 5, dtype=int)
        np.linspace(0, 1, 3, retstep=True); np.arange(5, 0, -2); np.arange(0)
        np.arange(0, 1, 0.3); np.arange(10, dtype='u1'); np.arange(1, 2, 0); np.arange(0.5, 3)
        np.arange(-3); np.eye(3, k=-1); np.eye(2, 4, 2); np.eye(0); np.tri(3, 4, 1, dtype=int)
        np.indices((2, 2), dtype='f4'); np.indices((2, 2), sparse=True); np.full((2,), [1, 2])
        np.full(2, 1j); np.full_like(y, 3, dtype=int); np.zeros(3, dtype='c8'); np.zeros(2, int)
        np.ones((1, 2), 'i2'); np.zeros(-1); np.empty(0); np.empty((2, 0))
        np.ones_like(x, dtype=float, shape=(2,)); np.asarray(x, dtype=float)
        np.array(x, copy=False); np.copy(x); np.diag([[1, 2], [3, 4]], k=1); np.diag([1], k=-2)
        np.array([[1, 2], [3.5, 4]]); np.array([True, 2]); np.array([1, 2j])
        np.array([[1], [2, 3]]); np.array(x, dtype='i1'); np.array(range(3)); np.array((1, 2))
        np.array([x, x]).shape; np.array([[]]).shape; np.float64([1, 2]); np.int32(5.7)
        np.complex64(1)
    """,
    "elementwise functions": r"""
        np.isclose(1, 1 + 1e-9); np.isclose([np.nan], [np.nan], equal_nan=True); np.signbit(-0.0)
        np.sinc(0.5); np.heaviside([-1, 0, 2], 0.5); np.angle(1j, deg=True); np.real(z)
        np.imag(z); z.real; z.imag; z.conj(); z.conjugate(); np.conj(z); np.round(y, 1)
        np.round(123.456, -1); np.around(x, -1); y.round(1); np.clip(x, 2, 5); x.clip(3)
        x.clip(max=3); x.clip(min=3); np.clip(x, None, 4); np.clip(y, [0, 1, 2], 5)
        np.maximum(x, 4); np.fmin(n, 1); np.spacing(1.0); np.nextafter(1, 2); np.frexp(8.0)
        np.modf(-2.5); np.ldexp(1.5, 3); np.gcd(12, [8, 9]); np.lcm(4, 6); np.bitwise_and(12, 10)
        np.invert(i8); ~u8; np.left_shift(1, [1, 2]); np.right_shift(-8, 1)
        np.floor_divide(-7, 2); np.fmod(-7, 3); np.power(2, [1, 2, 3]); np.power(2.0, -1)
        np.reciprocal(x); np.reciprocal(2.0); np.square(i8); np.sqrt(-1); np.sqrt(-1+0j)
        np.log1p(1e-10); np.exp(1000); np.tan(z); np.arcsin(2); np.absolute(-5)
        np.abs(np.array([-128], dtype='i1')); np.sign([-2, 0, 3.5]); np.hypot(3, 4)
        np.degrees(np.pi); np.deg2rad(180); np.trunc(-1.7); np.ceil(1.2); np.isfinite(n)
        np.isneginf(n); np.logical_xor([1, 0], [1, 1]); np.logical_not(x); np.greater(x, 3)
        np.add(x, 1, where=x > 3).shape; np.add(x, 1, out=None); np.add(x, y, dtype='f4')
        np.multiply(x, 2, dtype=float); np.multiply.outer([1, 2], [3, 4])
        np.add.accumulate([1, 2, 3]); np.maximum.reduce(x); np.logical_and.reduce(x > 0, axis=0)
        np.multiply.reduce([1, 2, 3])
    """,
    "comprehensions": r"""
        [i * j for i in range(3) for j in range(2)]
        [(i, j) for i in range(4) for j in range(i) if i % 2]
        [a + b for (a, b) in [(1, 2), (3, 4)]]; [x[i, j] for i in range(2) for j in range(2)]
        sum(i for i in range(4)); [[i + j for i in range(2)] for j in range(2)]
    """,
    "lambdas": r"""
        (lambda a, b=2: a * b)(3); (lambda a, b=2: a * b)(3, b=5); (lambda a=1: a)()
        (lambda a, b: a - b)(b=1, a=5); (lambda a: a)(b=1); (lambda a: a)(1, a=2); (lambda: 7)()
        (lambda a, b: a)(1)
    """,
    "f-strings": r"""
        f'{1 + 1}'; f'a{2}b'; f'{3.14159:.2f}|{7:5d}|{7:<5d}|{7:^5}|{7:05d}'; f"{'x'}"
        f'{x.shape} {x.sum()}'; f'{x.mean():.3f}'; f'{1234567:,}'; f'{1234567.891:,.2f}'
        f'{255:x} {255:#x} {5:b} {8:o}'; f'{0.5:%}'; f'{0.25:.1%}'; f'{1e10:g} {1e-5:e}'; f'{{}}'
        f'{{{1}}}'; f'{"abc":>6}|{"abc":*^9}|{"abcdef":.2}'; f'{True} {None} {[1, 2]}'
        f'{1.5!r} {"a"!r}'; 'a' f'{1}' 'b'; f'{x[0, 1]:4d}'; f'{-5:+d} {5:+d} {5: d}'; f'{1+2j}'
        f'{y[0, 0]}'; f'{x[0]}'; f''; f'{1:q}'; f'{1'; f'{1.0:d}'
        f'{3.0} {3.0:g} {1e16} {2.5:10.4}'; f'{True:d}'; f'{"a":d}'
        f'{1e300*10} {float("nan"):.2f} {-0.0:.1f}'; f'{(lambda v: v + 1)(2)}'; f'{x[0:2, 0]}'
        f'{ {"a": 1}["a"] }'; f'a\tb'
    """,
    "Python's words": r"""
        1 < 2 < 3 == 3; 1 < x.sum() < 100; 1 <= x; (1, 2) < (1, 3); [1] == [1]; 'a' 'b' == 'ab'
        3 if x.any() else 4; x.sum() if x.ndim == 2 else None; not x.sum(); x is x; 5 // 2 * 2.0
        -7 // 2; 2 ** -1; ~5 & 3; 1 or 2; [*range(3), *[5]]; {'a': 1}; max(x.max(), 5)
        max([1, 2], [1, 3]); sorted([3, 1, 2]); max(x[0]); abs(x - 5); round(2.567, 1); len(x)
        list(x[0]); tuple(x.shape); str(x[0]); int(x.sum()); float(x[0, 0]); bool(x[0, 0])
        complex(1, 2); [v for v in x[0]]; any([0, 1]); all([]); x.shape[::-1]; a = b = 3; a + b
        a += 1; x.sum(axis=-1,); x[1,]; (1); (1,); "it's"; 'tab\t'; r'\n'; divmod(7, 2)
        pow(2, 3); 0.1 + 0.2; 1e100; 1_000; 0xff; 1e-7; 5e-324; 1.0; 100000000000000000000.0
        1e16; 123456789.123456789
    """,
    "single elements": r"""
        x[1, 2]; x[-1, -1]; x[0, 0] + 0.5; np.float32(1) / 3; np.float64(2) ** 0.5
        np.int8(5) // 2; x.dtype; y.dtype.name; np.dtype('f4').itemsize; np.bool_(1); np.True_
        np.int64(3) == 3; np.inf; -np.inf; np.nan == np.nan; np.newaxis is None
    """,
}


class Functions(CalcLines):
    def test_functions_give_what_numpy_s_give(self):
        self.compare("\n".join(TOPICS.values()), SETUP)

    def test_ranks_make_no_difference(self):
        topics = "assignment", "functions of pieces", "insertion", "distinct elements"
        self.compare("\n".join(TOPICS[topic] for topic in topics), SETUP, n=3)


if __name__ == "__main__":
    unittest.main()

#TEST timeout=300
