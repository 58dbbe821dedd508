"""What the numbers were computed with: versions, BLAS, processor, threads."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np

from ..basics.devices import gpu_versions
from ..basics.places import PACKAGE


def environment(device="cpu"):
    """The environment of a run on a device, as a dict from what is named to what it is."""
    import scipy  # here, since only those who ask for the environment need it

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "blas": _blas(),
        **_kernels(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        **_threads(),
        **(gpu_versions() if device == "gpu" else {}),
    }


def commit():
    """The commit of the clone that the package is read from, with "+" where files differ from it; None without one."""
    git = shutil.which("git")
    if git is None or not (PACKAGE.parent / ".git").exists():
        return None
    asked = ["--no-optional-locks", "-C", str(PACKAGE.parent), "describe", "--always", "--abbrev=40", "--exclude=*"]
    done = subprocess.run([git, *asked, "--dirty=+"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _threads():
    """What says how many threads the BLAS may take."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"usable cores": usable, **{name: os.environ[name] for name in names if name in os.environ}}


def _blas():
    """The BLAS that NumPy was built with, as it says itself."""
    try:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    except TypeError:  # NumPy below 1.25 only prints it
        return "unknown"
    return f"{blas['name']} {blas['version']}"


def _kernels():
    """Which kernels the BLAS chose for this processor, and how many threads it takes, where threadpoolctl can tell."""
    from threadpoolctl import threadpool_info

    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    if not found:
        return {}
    return {"blas kernels": found[0].get("architecture", "unknown"), "blas threads": found[0]["num_threads"]}


def _cpu():
    """The processor's name: Linux tells it in a file, other systems where Python asks."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
