"""What the tests written in Python share: running programs on ranks, and reading what they wrote.

Import it with
    sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))
"""
import os
import signal
import subprocess
import tempfile
import unittest

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("TEGULA_SOURCE", os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("TEGULA_BUILD", os.path.join(SOURCE, "build"))
SHARED = os.environ.get("TEGULA_SHARED", os.path.join(os.path.dirname(SOURCE), "shared"))
PATIENCE = int(os.environ.get("TEGULA_TEST_PATIENCE", "1"))  # with sanitisers all is slower
BOLD = [os.path.join(SHARED, "data", "bold", f"part-{i}.nii.gz") for i in range(1, 6)]

MPIRUN = os.environ.get("TEGULA_MPIRUN", "mpirun --oversubscribe").split()

# What ctest sets as well; here for a test that is run by hand.
MPI_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_btl_base_warn_component_unused": "0",
    "ASAN_OPTIONS": "detect_leaks=0",
}


def run(program, *arguments, n=None, timeout=120, status=0, cwd=None):
    """Run a program of build/bin, on n ranks by mpirun or plainly; text of stdout and stderr.

    Another exit status than `status` (None: any) and a run longer than `timeout` are failures. What
    is left of a run that hangs is ended.
    """
    command = [os.path.join(BUILD, "bin", program), *map(str, arguments)]
    timeout *= PATIENCE
    if n is not None:
        command = [*MPIRUN, "-n", str(n), *command]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               cwd=cwd, env={**MPI_ENVIRONMENT, **os.environ},
                               stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"hangs after {timeout} s: {' '.join(command)}\n{out}{err}") from None
    if status is not None and process.returncode != status:
        raise AssertionError(f"exit status {process.returncode}, not {status}: "
                             f"{' '.join(command)}\n{out}{err}")
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def table(text):
    """The rows "name  value" that tsnr_app prints, as a dictionary."""
    rows = (line.rsplit("  ", 1) for line in text.splitlines() if "  " in line)
    return {name.strip(): value.strip() for name, value in rows}


def datasets(path):
    """All datasets of an HDF5 file, by name, in memory."""
    found = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item[...]

    with h5py.File(path, "r") as file:
        file.visititems(keep)
    return found


def relative(got, want):
    """The largest |got - want| / |want|; equal infinities, zeros and NaNs are no difference."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    if got.shape != want.shape:
        return np.inf
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    with np.errstate(all="ignore"):
        difference = np.where(same, 0, np.abs(got - want) / np.abs(want))
    difference[np.isnan(difference)] = np.inf
    return difference.max(initial=0)


class TestCase(unittest.TestCase):
    """A test case with comparisons of maps and a folder of its own, gone when it ends."""

    @classmethod
    def setUpClass(cls):
        cls.folder_object = tempfile.TemporaryDirectory(dir=".")
        cls.folder = os.path.abspath(cls.folder_object.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder_object.cleanup()

    def path(self, name):
        return os.path.join(self.folder, name)

    def assert_close(self, got, want, tolerance, what):
        worst = relative(got, want)
        self.assertLessEqual(worst, tolerance, f"{what}: relative difference {worst:.3g}")

    def assert_same_bits(self, got, want, what):
        self.assertEqual(sorted(got), sorted(want), what)
        for name in want:
            self.assertEqual(got[name].dtype, want[name].dtype, f"{what}: {name}")
            self.assertEqual(got[name].tobytes(), want[name].tobytes(), f"{what}: {name} differs")
