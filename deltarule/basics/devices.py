"""The devices that arrays live on. This is the only module that imports CuPy, and only when a GPU is asked for."""

DEVICES = ("cpu", "gpu")


def why_no_gpu():
    """Why this machine has no GPU to compute on, in words that say what to do; None where it has one."""
    try:
        import cupy

        cupy.cuda.runtime.getDeviceCount()
    except ImportError:
        return (
            "a GPU needs CuPy, which is not installed: pip install cupy-cuda12x, or the cupy package for the CUDA "
            "version of the driver"
        )
    except RuntimeError as error:
        return f"CuPy finds no GPU: {error}"
    return None


def to_device(device, *arrays):
    """NumPy arrays on a device: themselves on the CPU, copies on the GPU; a list."""
    if device == "cpu":
        return list(arrays)
    import cupy

    return [cupy.asarray(a) for a in arrays]


def gpu_versions():
    """What describes the GPU, by name: the version of CuPy and the name of the first GPU."""
    import cupy

    return {"cupy": cupy.__version__, "gpu": cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()}
