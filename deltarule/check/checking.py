"""The check of a function: called as its listing is, held against it look by look, and its mistake looked for."""

from copy import copy
from dataclasses import replace

import numpy as np

from ..basics.progress import progress
from ..listings.experiments import EXPERIMENTS
from . import looks, rates, search
from .callables import makes_objects
from .catalogue import mistakes
from .compare import TOLERANCE, deviations
from .difference import first_difference
from .errors import CheckError, PortError
from .finding import Finding
from .gradient import gradient
from .listings import LISTINGS
from .names import known, listing_of
from .parts.checking import PARTS, check_part, part_named, part_of
from .ports import WHOLE_BATCHES, Port, is_called_as
from .screen import Screen
from .subjects import fewer_samples, first_and_zeros, first_update, subjects
from .told import RIGHT, WRONG
from .unexplained import unexplained

CONSTANTS = {
    "delta_sgd": {"alpha": 0.9},
    "delta_batch": {"alpha": 0.9},
    "delta_minibatch": {"alpha": 0.9, "batch_size": 2},
    "backprop_xor": {"alpha": 0.9},
    "backprop_mmt": {"alpha": 0.9, "beta": 0.9},
    "backprop_ce": {"alpha": 0.9},
    "multi_class": {"alpha": 0.9},
    "deep_relu": {"alpha": 0.01},
    "deep_dropout": {"alpha": 0.01, "ratio": 0.2},
    "mnist_conv": {"alpha": 0.01, "beta": 0.95, "batch_size": 100},
}
"""The listing's constants, for a port that takes them as arguments without defaults."""

FIRST = "first update"
TO_FUNCTION = "what is checked is a function that trains one epoch, such as a method of an object: train = Name().train"


def check(function, listing=None, *, thorough=False, name=None):
    """Say whether a function trains as a listing does, and if not, which mistake it makes.

    A function or class that goes by the name of a part of `deltarule.layers` is checked as that part, by `check_part`.

    Parameters
    ----------
    function : callable
        It trains one epoch: ``function(W1, W2, X, D)`` returns the new weights, or changes them in place.
    listing : str, optional
        One of `LISTINGS`, or the book's name of it, as ``BackpropXOR``, or one of `PARTS`; told by the function's name
        when None.
    thorough : bool
        Look at the listing's last epoch from all starts, however long that takes, and at every pair of mistakes.
    name : str, optional
        What the finding calls the port; the function's name when None.

    Returns
    -------
    Finding or PartFinding

    Raises
    ------
    CheckError
        If the listing is not known, or the function takes other arguments, raises, or returns what are no weights.

    Examples
    --------
    >>> from deltarule import delta_sgd
    >>> print(check(delta_sgd).verdict)
    RIGHT
    """
    if not isinstance(name, str | None):
        raise CheckError(f"name must be a text, not {name!r} of type {type(name).__name__}")
    if is_part(function, listing):
        return check_part(function, listing, called=name)
    listing = listing_for(function, listing)
    port = Port(function, listing, CONSTANTS[listing])
    finding = _checked(port, listing, name or port.name, thorough)
    port.begin()
    return finding


def is_part(function, name=None):
    """Whether an object is a part's port: a name that is a listing's too is the part's where the object is a class.

    Or where it is a function that takes none of the listing's arguments, as ``cross_entropy(y, t)``.
    """
    if part_of(function, name) is None:
        return False
    called = getattr(function, "__name__", "") if name is None else name
    listing = known(called) if isinstance(called, str) else None
    return makes_objects(function) or listing is None or not is_called_as(function, listing)


def listing_for(function, listing=None):
    """The listing that a function is a port of, as `listing_of`; no class is one, and a part of the other kind is none.

    Raises
    ------
    CheckError
        If there is none; the message says what there is of the kind of the object.
    """
    is_class, name = makes_objects(function), listing or getattr(function, "__name__", "")
    if is_class and listing is None and known(name):
        raise CheckError(f"{known(name)} is a function, and {name} a class; {TO_FUNCTION}")
    if is_class and listing is None:
        classes = ", ".join(part for part in PARTS if PARTS[part].is_class)
        raise CheckError(f"listing must be one of {classes} for a class, not that of {name!r}; say which one")
    of_other_kind = part_named(listing, not is_class) is not None
    if is_class or (of_other_kind and known(listing) is None):
        kinds = ("a class", "a function") if is_class else ("a function", "a class")
        what = f"{listing} is {kinds[1]}" if of_other_kind or known(listing) else f"there is no part {listing!r}"
        more = f"; {TO_FUNCTION}" if is_class and known(listing) else ""
        raise CheckError(f"{what}, and {getattr(function, '__name__', 'the object')} {kinds[0]}{more}")
    return listing_of(function, listing, besides=", or a part of the from-scratch notes such as softmax")


def _checked(port, listing, name, thorough, starts=None):
    """The finding of a port, from these starts: those of `subjects` where none are given."""
    port, whole = _with_convention(port, listing), starts or subjects(listing, thorough=thorough)
    first, called = _first(port, listing)
    mine = _looks(port, whole, None if thorough else looks.SECONDS)
    single = any(W.dtype == np.float32 for look in mine for weights in look.weights.values() for W in weights)
    tolerance = float32_tolerance(listing) if single else lambda epochs: TOLERANCE
    every = [first, *mine]
    right = [looks.of_listing(listing, each.subject, tuple(each.weights)) for each in every]
    names = [called, *["first epoch"] * len(mine)]
    difference = first_difference(port.weights, zip(names, every, right, strict=True), tolerance)
    finding = Finding(listing, name, RIGHT, difference, (), tuple(port.notes), epochs=tuple(mine[0].weights))
    slope = gradient(listing, first) if called == FIRST else ""
    finding = replace(finding, gradient=slope, curves=_curves(listing, mine[0], right[1]))
    if difference is None:
        within = [d for m, r in zip(every, right, strict=True) for e in m.weights
                  for d in deviations(m.weights[e], r.weights[e], m.subject.weights)]  # fmt: skip
        return replace(finding, within=max(within))
    allowed = max(tolerance(1), TOLERANCE)
    reasons = _reasons(port, listing, first, called, mine, allowed)
    told = () if reasons else tuple(unexplained(LISTINGS[listing], port, first, mine, allowed))
    learns = rates.sentence(listing, reasons[0].mistakes) if reasons else ""
    return replace(finding, verdict=WRONG, reasons=tuple(reasons), unexplained=told, learns=learns)


def _first(port, listing):
    """The port's first update, and what to call it; its first epoch, where it takes no fewer samples."""
    subject = first_update(listing)
    try:
        return looks.of_port(port, subject), FIRST
    except PortError:
        whole = subjects(listing)[0]
        port.notes.append(f"it takes {len(whole.X)} samples, and no fewer")
        return looks.of_port(port, replace(whole, epochs=(1,))), "first epoch"


def _looks(port, starts, seconds):
    """What a port comes to from each start, of whole batches alone where it takes no others."""
    try:
        return [looks.of_port(port, s, seconds) for s in starts]
    except PortError:
        if port.whole_batches or port.values["batch_size"] is None:
            raise
        port.whole_batches = True
        found = [looks.of_port(port, s, seconds) for s in starts]
        port.notes.append(WHOLE_BATCHES)
        return found


def _reasons(port, listing, first, called, mine, tolerance):
    """The mistakes that explain a port: each alone, else in pairs."""
    form, catalogue = LISTINGS[listing], mistakes(listing)
    found = search.singles(form, catalogue, first, mine, tolerance)
    if found:
        return found
    n, screens = len(catalogue), _screens(port, listing, called, tolerance)
    with progress(f"pairs of {n} mistakes", n * (n - 1) // 2, "pair") as bar:
        return search.pairs(form, catalogue, first, mine, tolerance, bar, screens)


def _screens(port, listing, called, tolerance):
    """What is asked of pairs before their first update is; the port trains a little more for that."""
    zeros = called != FIRST
    found = []
    for subject in [first_and_zeros(listing)] if zeros else fewer_samples(listing):
        try:
            look = looks.of_port(port, subject)
        except PortError:  # it takes no fewer images, or no zeros
            continue
        if all(np.isfinite(W).all() for W in look.weights[1]):
            found.append(Screen(LISTINGS[listing], look, tolerance, zeros))
    return found


def _with_convention(port, listing):
    """The port, with the convention in which it takes its arguments: that in which it is right.

    Where it is right in none, it is the first in which a mistake explains it, and else the first that it takes: images
    of 5 x 5 pixels, five of them, may lie along any axis.
    """
    try:
        best, runs = _tried(port, listing)
    except PortError:
        if port.values["batch_size"] is None:
            raise
        best, runs = _tried_with_whole_batches(port, listing)
    if best is None:
        finite = [c for c, weights in runs if all(np.isfinite(W).all() for W in weights)]  # else anything explains it
        several = finite if len(runs) > 1 else []
        best = next((c for c in several if _is_explained(port, listing, c)), runs[0][0])
    port.convention, port.notes = best, [*best.notes, *port.ways()]
    return port


def _tried(port, listing):
    """The convention in which a port is right, or None; and those that it takes, with the weights of an epoch."""
    subject, right = subjects(listing)[0], None
    runs, refused = [], []
    for convention in port.conventions(subject.D):
        if convention.flat and runs:
            continue
        port.convention, port.notes = convention, []
        port.begin()
        try:
            look = looks.of_port(port, replace(subject, epochs=(1,)))
        except PortError as error:
            refused.append(error)
            continue
        weights, right = look.weights[1], right or looks.of_listing(listing, look.subject, (1,)).weights[1]
        if max(deviations(weights, right, subject.weights)) <= TOLERANCE:
            return convention, runs
        if not any(all(map(np.array_equal, weights, others)) for _, others in runs):
            runs.append((convention, weights))
    if not runs:
        raise refused[0]
    return None, runs


def _tried_with_whole_batches(port, listing):
    """The same of a port that takes no samples over, of whole batches alone; else why it takes neither."""
    try:
        port.whole_batches = True
        return _tried(port, listing)
    except PortError:
        port.whole_batches = False
        raise


def _is_explained(port, listing, convention):
    """Whether one mistake gives what a port gives in an epoch, where it takes its arguments so."""
    port.convention, port.notes = convention, []
    first, _ = _first(port, listing)
    look = looks.of_port(port, replace(subjects(listing)[0], epochs=(1,)))
    single = any(W.dtype == np.float32 for W in look.weights[1])
    tolerance = max(float32_tolerance(listing)(1), TOLERANCE) if single else TOLERANCE
    return bool(search.singles(LISTINGS[listing], mistakes(listing), first, [look], tolerance))


def float32_tolerance(listing):
    """The deviation to allow a port that computes in float32: a hundred times that of the listing in float32."""
    subject = subjects(listing)[0]
    experiment, epochs = EXPERIMENTS[listing], (1, 10, 100, 1000)
    exact, single, allowed, done = subject.weights, tuple(W.astype(np.float32) for W in subject.weights), {}, 0
    X, D = subject.X.astype(np.float32), subject.D
    D = D.astype(np.float32) if D.dtype.kind == "f" else D
    rng, other = copy(subject.rng), copy(subject.rng)
    for epoch in epochs[: 1 if listing == "mnist_conv" else None]:
        for _ in range(epoch - done):
            exact = experiment.epoch(exact, subject.X, subject.D, rng)
            single = experiment.epoch(single, X, D, other)
        done = epoch
        allowed[epoch] = 100 * max(*deviations(single, exact, subject.weights), 1e-6)
    return lambda epochs: allowed.get(epochs, max(allowed.values()) * max(1.0, epochs / done))


def _curves(listing, mine, right):
    """The mean squared error of the outputs after each look."""
    experiment, subject = EXPERIMENTS[listing], mine.subject
    if listing == "mnist_conv":
        return {}
    D = subject.D.reshape(len(subject.D), -1)

    def error(weights):
        try:
            with np.errstate(all="ignore"):
                y = experiment.forward(*(np.asarray(W, np.float64) for W in weights), subject.X)
        except ValueError:  # weights that are not finite
            return float("inf")
        return float(((y - D) ** 2).mean())

    each = {name: [error(look.weights[e]) for e in mine.weights] for name, look in (("port", mine), ("listing", right))}
    return {"epochs": list(mine.weights), **each}
