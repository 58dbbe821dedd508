"""MNIST: the 10,000 images that come with the package, and the 60,000 from a folder or a mirror."""

import os
from pathlib import Path

import numpy as np

from .idx import IdxError, idx_shape, read_idx

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
TRAIN = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
}
LARGEST = 300_000  # images: more than the largest set of digits has, 280,000 of EMNIST; 1.9 GB as float64


def mnist():
    """The 10,000 test images of MNIST and their digits, which the book trains and tests on.

    Returns
    -------
    X : array of float64, shape (10000, 28, 28)
        Image, row, column; 0 is paper, 1 is ink.
    D : array of int64, shape (10000,)
        The digits, 0 to 9.

    Notes
    -----
    Y. LeCun and C. Cortes, CC BY-SA 3.0; see NOTICE.md beside the files.

    Examples
    --------
    >>> X, D = mnist()
    >>> print(X.shape, D[:10])
    (10000, 28, 28) [7 2 1 0 4 1 4 9 5 9]
    """
    from importlib import resources  # here, since the other listings do without

    folder = resources.files(__package__)
    with (
        resources.as_file(folder / "t10k-images-idx3-ubyte.gz") as images,
        resources.as_file(folder / "t10k-labels-idx1-ubyte.gz") as labels,
    ):
        return read_mnist(images, labels)


def mnist_train(folder=None):
    """The 60,000 training images of MNIST and their digits.

    Parameters
    ----------
    folder : path, optional
        Where ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte`` lie, with or without ``.gz``, with a dot for
        the second hyphen or not, in whatever case; or the folder that was given to torchvision, which puts them in
        ``MNIST/raw``. ``~`` is the home folder. When None they are fetched once, by pooch, checked by their hashes,
        and kept in its cache.

    Returns
    -------
    X : array of float64, shape (60000, 28, 28)
    D : array of int64, shape (60000,)

    Raises
    ------
    FileNotFoundError
        If the folder has no such files.
    ImportError
        If they are to be fetched and pooch is not installed.
    OSError
        If no mirror gives them.
    IdxError
        As `read_idx`, or if there are not 60,000 of them.
    """
    images, labels = (_fetched(name) if folder is None else _found(folder, name) for name in TRAIN)
    count, *axes = idx_shape(images)
    if axes and count != 60000:
        raise IdxError(f"{images}: {count} images; the training set has 60000")
    return read_mnist(images, labels)


def read_mnist(images, labels):
    """A pair of IDX files, images and labels, as the listings take them.

    Parameters
    ----------
    images, labels : path
        Plain or gzip.

    Returns
    -------
    X : array of float64, shape (N, 28, 28)
        Pixels divided by 255, in double precision as MATLAB does.
    D : array of int64, shape (N,)
        The digits, 0 to 9.

    Raises
    ------
    IdxError
        As `read_idx`, or if the files are not a pair of MNIST: swapped, not of 28 x 28 pixels, of different length,
        of more than 300,000 images, or with labels above 9. All but the labels is told by the headers, before any
        image is read.
    OSError
        If a file cannot be read.
    """
    _check_pair(images, idx_shape(images), labels, idx_shape(labels))
    pixels, digits = read_idx(images), read_idx(labels)
    if (digits > 9).any():
        raise IdxError(f"{labels}: a label of {digits.max()}; digits are 0 to 9")
    return pixels / 255.0, digits.astype(np.int64)


def _check_pair(images, of_images, labels, of_labels):
    """IdxError unless the shapes are those of images and as many labels."""
    if len(of_images) == 1 and len(of_labels) == 3:
        raise IdxError(f"{images}: these are labels, and {labels} has the images; swap the two")
    if of_images[1:] != (28, 28):
        raise IdxError(f"{images}: of shape {of_images}; images of MNIST are (N, 28, 28)")
    if of_images[0] > LARGEST:
        raise IdxError(f"{images}: {of_images[0]} images; this reader takes up to {LARGEST}")
    if of_labels != of_images[:1]:
        raise IdxError(f"{labels}: of shape {of_labels}; {of_images[0]} images take ({of_images[0]},)")


def _found(folder, name):
    """The file in a folder, or in torchvision's below it, under one of the names it goes by, in whatever case."""
    folder = Path(os.path.expanduser(folder))
    known = _names(name)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: there is no such folder")
    for place in (folder, folder / "MNIST" / "raw", folder / "raw"):
        there = {path.name.lower(): path for path in sorted(place.iterdir())} if place.is_dir() else {}
        for path in (there[name] for name in known if name in there):
            if path.is_file():
                return path
    raise FileNotFoundError(f"{folder}: neither it nor its MNIST/raw has one of {', '.join(known)}")


def _names(name):
    """The names that a file goes by: with a hyphen or a dot, with .gz or without."""
    hyphen = name.removesuffix(".gz")
    dot = hyphen.replace("-idx", ".idx")
    return f"{hyphen}.gz", hyphen, f"{dot}.gz", dot


def _fetched(name):
    """The file in pooch's cache, fetched from the first mirror that gives it."""
    try:
        import pooch
    except ImportError:
        raise ImportError(
            'downloading MNIST needs pooch: pip install "deltarule[fetch]", or give the folder that has the files'
        ) from None
    failures = []
    for mirror in MIRRORS:
        try:
            known_hash = f"sha256:{TRAIN[name]}"
            return pooch.retrieve(mirror + name, known_hash, fname=name, path=pooch.os_cache("deltarule"))
        except (OSError, ValueError) as error:  # requests' errors are OSError, a wrong hash is ValueError
            failures.append(f"{mirror}: {error}")
    raise OSError(f"no mirror gives {name}; " + "; ".join(failures))
