"""The table of operators holds what the library promises, and each row can be called."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))

from tegula_py import TestCase, run

PROMISED = """
    zeros ones full empty zeros_like ones_like full_like empty_like arange linspace logspace eye
    diag tri tril triu indices meshgrid fromfunction array open random.random random.uniform
    random.normal random.integers random.exponential random.poisson random.gamma random.binomial
    random.permutation random.choice take compress extract where select choose clip
    shape ndim size dtype T add subtract multiply divide floor_divide remainder power divmod
    negative positive absolute sign real imag conjugate angle modf sqrt cbrt square reciprocal exp
    exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 sin cos tan arcsin arccos arctan arctan2
    sinh cosh tanh arcsinh arccosh arctanh floor ceil trunc rint round fix equal not_equal less
    less_equal greater greater_equal logical_and logical_or logical_xor logical_not bitwise_and
    bitwise_or bitwise_xor invert left_shift right_shift isnan isinf isfinite isclose signbit
    copysign nextafter hypot minimum maximum fmin fmax heaviside nan_to_num degrees radians sinc
    astype fabs fmod sum prod mean average var std min max ptp any all count_nonzero argmin argmax
    nansum nanprod nanmean nanvar nanstd nanmin nanmax nanargmin nanargmax median quantile
    percentile cumsum cumprod linalg.norm histogram bincount digitize cov corrcoef topk unique
    concatenate stack block hstack vstack dstack reshape ravel transpose moveaxis swapaxes flip
    rot90 roll pad tile repeat squeeze expand_dims broadcast_to atleast_1d atleast_2d atleast_3d
    rechunk diff gradient coarsen sliding_window_view searchsorted isin matmul dot tensordot inner
    outer vdot einsum linalg.qr linalg.svd map_blocks blockwise map_overlap apply_along_axis
    apply_gufunc ndimage.gaussian_filter ndimage.uniform_filter ndimage.median_filter
    ndimage.sobel ndimage.correlate ndimage.convolve threshold_otsu ndimage.label
    ndimage.sum_labels ndimage.mean_labels ndimage.median ndimage.histogram
    ndimage.center_of_mass ndimage.find_objects ndimage.binary_erosion ndimage.binary_dilation
""".split()

# Not there yet; the list only gets shorter.
PENDING = set()


class Table(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = run("calc_app", "--list-operators").stdout
        cls.rows = [line for line in cls.page.splitlines() if line.startswith("| `")]
        cls.names = set()
        for row in cls.rows:
            first = row.split(" |")[0]
            cls.names |= {re.sub(r"\(.*|^x\.", "", name) for name in re.findall("`([^`]*)`", first)}

    def test_all_that_is_promised_is_there(self):
        missing = {name for name in PROMISED
                   if name not in self.names and name.split(".")[-1] not in self.names}
        self.assertLessEqual(missing, PENDING, f"missing: {' '.join(sorted(missing - PENDING))}")

    def test_rows_are_whole(self):
        for row in self.rows:
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
            self.assertEqual(len(cells), 5, row)
            self.assertTrue(all(cells[:4]), f"a cell is empty: {row}")

    def test_each_row_can_be_found_and_refuses_what_it_does_not_know(self):
        script = self.path("script.txt")
        calls = []
        for row in self.rows:
            name = re.match(r"\| `([^(`]*)\(", row)
            if name and "**" not in row:  # which hands all keywords on
                calls.append(name.group(1))
        with open(script, "w", encoding="utf-8") as file:
            for name in calls:
                file.write(f"np.{name}(there_is_no_such_argument=1)\n")
        err = run("calc_app", "-f", script, "--keep-going", status=1).stderr
        for i, name in enumerate(calls):
            self.assertRegex(err,
                             rf"line {i + 1}: .*{re.escape(name)}\(\) got an unexpected keyword")


if __name__ == "__main__":
    unittest.main()
