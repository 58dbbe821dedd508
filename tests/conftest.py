"""Tests that run side by side share the cores: each worker's BLAS, and that of the scripts it starts, takes one."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:  # before anything imports NumPy
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
