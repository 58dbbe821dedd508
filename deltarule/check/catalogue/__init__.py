"""Which mistakes there are in each listing: the catalogue that a port is held against."""

from dataclasses import replace

from ...basics import checks
from ..listings import LISTINGS
from . import back, dropout, forward, images, loop
from .mistake import together


def mistakes(listing):
    """The mistakes of a listing, in the order in which they are looked for.

    Parameters
    ----------
    listing : str
        One of `deltarule.check.LISTINGS`.

    Returns
    -------
    list of Mistake
        Each changes the weights, and no two of them in the same way; what would do the same as one is its `same`.

    Raises
    ------
    ValueError
        If there is no such listing.

    Examples
    --------
    >>> found = {mistake.id: mistake for mistake in mistakes("backprop_xor")}
    >>> print(found["slope-half-of-output-delta1"].says)
    delta1 is y1*(1 - y)*e1, with the output's 1 - y in place of the layer's own
    """
    form = LISTINGS[checks.choice("listing", listing, LISTINGS)]
    every, as_others = CATALOGUES[listing](form), THE_SAME[listing]
    found = {m.id: m for m in every}
    assert len(found) == len(every), "two mistakes have the same id"
    same = {id: tuple(found[other] for other, like in as_others.items() if like == id) for id in as_others.values()}
    return [replace(m, same=same.get(id, ())) for id, m in found.items() if id not in as_others]


def _single(form, size):
    W = form.weights[0]
    return [
        *back.errors(form),
        *back.output_slopes(form),
        *back.weight_changes(form, W, "delta", "x", instead_of_below=()),
        back.replaced(form, W),
        *forward.activations(form),
        *([] if size is None else [forward.bias(form, W)]),  # which begins at 0, and is used before it is changed
        *forward.inputs(form),
        *forward.bits(form),
        *loop.rates(form, 0.9),
        *(loop.single_samples(form) + loop.divided_by_all(form) if size == 1 else loop.batches(form, size)),
        *(loop.partial_batch(form, size) if size and size > 1 else ()),
        *loop.momentum_added(form, several_updates=size is not None),
    ]


def _two_layers(form, squared, erratum, softmax=False, beta=None):
    found = [
        *back.errors(form),
        *(back.output_slopes(form) if squared else back.output_slopes_where_none_belongs(form)),
        *back.sigmoid_slopes(form, 1, None if softmax else "y", erratum=erratum),
        *back.hidden_errors(form, 1, "W2", "delta", e_above="e" if squared else None),
        *back.weight_changes(form, "W1", "delta1", "x", () if softmax else ("delta",)),
        *back.weight_changes(form, "W2", "delta", "y1", ("e",) if squared else (), ("v1",)),
        *(back.replaced(form, W) for W in form.weights),
        *forward.activations(form),
        forward.bias(form, "W2"),
        forward.bias(form, "W1", "delta1", "v1", place="1"),
        *(forward.classes(form) + forward.images(form) if softmax else forward.inputs(form) + forward.bits(form)),
        *(forward.pixels(form) if softmax else ()),
        *loop.rates(form, 0.9),
        *loop.single_samples(form),
        *loop.divided_by_all(form),
        *(loop.momentum(form, beta) if beta else loop.momentum_added(form)),
    ]
    slopes = {m.id: m for m in found}
    if squared:
        for id in ("slope-of-v", "slope-twice", "slope-of-sigmoid-of-y", "no-slope", "slope-tanh"):
            there = {"slope-of-sigmoid-of-y": "output-slope-of-sigmoid-of-y", "no-slope": "no-output-slope"}
            both = [slopes[there.get(id, f"output-{id}")], slopes[f"{id}-delta1"]]
            says = f"{both[0].says}, and {both[1].says}"
            found.append(together(f"{id}-everywhere", says, f"{both[0].should}, and {both[1].should}", both))
    return found


SQUARE = {"W2", "W3"}  # of the deep networks, as many nodes as below


def _deep(form, slopes):
    above = {1: ("W2", "delta2"), 2: ("W3", "delta3"), 3: ("W4", "delta")}
    found = [*back.errors(form), *back.output_slopes_where_none_belongs(form)]
    for k, (weight, delta) in above.items():
        others = sorted(SQUARE - {weight}) if weight in SQUARE else ()
        e_above = f"e{k + 1}" if k < 3 else None
        found += slopes(k)
        found += back.hidden_errors(form, k, weight, delta, others, weight in SQUARE, e_above)
    for k, delta, below in ((1, "delta1", "x"), (2, "delta2", "y1"), (3, "delta3", "y2"), (4, "delta", "y3")):
        deltas = [f"delta{j}" for j in (1, 2, 3) if j != k] if k < 4 else ()
        ys = [f"y{j}" for j in (1, 2, 3) if j != k - 1] + [f"v{k - 1}"] if k > 1 else ()
        found += back.weight_changes(form, f"W{k}", delta, below, deltas, ys)
        found.append(back.replaced(form, f"W{k}"))
    found += [*forward.activations(form), *forward.classes(form), *forward.images(form), *forward.pixels(form)]
    found.append(forward.bias(form, "W4"))
    found += [*loop.rates(form, 0.01), *loop.single_samples(form), *loop.divided_by_all(form)]
    found += loop.momentum_added(form)
    for id, says in EVERYWHERE.items():
        found += back.everywhere(
            f"{id}-everywhere", f"{says}, in every layer", "it should be as on the page", found, f"{id}-"
        )
    return found


EVERYWHERE = {
    "no-slope": "delta is e, without the slope",
    "slope-of-e": "the slope is taken of the error",
    "slope-of-v": "the slope is taken of v, not of y",
    "slope-at-0": "the slope is 1 at 0",
    "slope-leaky": "the slope is that of a leaky ReLU",
    "slope-sigmoid": "the slope is a sigmoid's",
    "slope-twice": "the slope is taken twice",
    "after-update": "the errors are taken back through the weights after their update",
    "e-for-delta": "e goes back in place of delta",
    "not-transposed": "the weights are not transposed on the way back",
}


def _deep_relu(form):
    return _deep(form, lambda k: back.relu_slopes(form, k, [f"v{j}" for j in (1, 2, 3) if j != k]))


def _deep_dropout(form):
    found = _deep(form, lambda k: back.sigmoid_slopes(form, k, None, [f"y{j}" for j in (1, 2, 3) if j != k]))
    return [*dropout.scales(form), *dropout.draws(form), *dropout.slopes(form), *found]


def _mnist_conv(form):
    return [
        *back.errors(form),
        *back.output_slopes_where_none_belongs(form),
        *images.forward(form),
        *images.both_ways(form),
        *images.back(form),
        *images.digits(form),
        *images.images(form),
        *back.relu_slopes(form, 5, of="y"),
        *back.hidden_errors(form, 5, "Wo", "delta"),
        *back.hidden_errors(form, 4, "W5", "delta5", e_above="e5"),
        *back.weight_changes(form, "W5", "delta5", "y4"),
        *back.weight_changes(form, "Wo", "delta", "y5", (), ("v5",)),
        *(back.replaced(form, W) for W in form.weights),
        *forward.activations(form),
        forward.bias(form, "Wo"),
        *loop.rates(form, 0.01),
        *loop.momentum(form, 0.95),
        *loop.exchanged(form, 0.01, 0.95),
        *images.batches(form),
    ]


CATALOGUES = {
    "delta_sgd": lambda form: _single(form, 1),
    "delta_batch": lambda form: _single(form, None),
    "delta_minibatch": lambda form: _single(form, 2),
    "backprop_xor": lambda form: _two_layers(form, True, "hidden-delta"),
    "backprop_mmt": lambda form: _two_layers(form, True, "hidden-delta", beta=0.9),
    "backprop_ce": lambda form: _two_layers(form, False, "hidden-delta-ce"),
    "multi_class": lambda form: _two_layers(form, False, "hidden-delta-multi-class", softmax=True),
    "deep_relu": _deep_relu,
    "deep_dropout": _deep_dropout,
    "mnist_conv": _mnist_conv,
}

_ONE = {  # of the one matrix that there is
    "sign-of-update": "error-sign",
    "output-slope-sign": "error-sign",
    "descends-up-W": "error-sign",
    "no-alpha-W": "no-alpha",
    "alpha-twice-W": "alpha-squared",
    "threshold": "never-W",  # whose outputs have no slope
}
_TWO = {
    "sign-of-update": "error-sign",
    "minus-e1": "slope-sign-delta1",
    "descends-up-W1": "slope-sign-delta1",
}
_SQUARED = {"output-slope-sign": "error-sign", "threshold-everywhere": "threshold"}
_SOFTMAX = {"sign-of-update": "error-sign", "no-activation": "error-of-v"}  # y is in no slope
THE_SAME = {
    "delta_sgd": _ONE,
    "delta_batch": _ONE,
    "delta_minibatch": {**_ONE, "error-twice": "sum-for-mean", "mean-by-one-less": "sum-for-mean"},
    "backprop_xor": _TWO | _SQUARED,
    "backprop_mmt": {**_TWO, **_SQUARED, "momentum-of-change": "alpha-squared"},  # since alpha is beta
    "backprop_ce": {**_TWO, "no-activation": "error-of-v", "threshold": "error-rounded"},
    "multi_class": _TWO | _SOFTMAX,
    "deep_relu": {**_SOFTMAX, "descends-up-W1": "minus-e1"},
    "deep_dropout": {**_TWO, **_SOFTMAX, "minus-e2": "slope-sign-delta2", "minus-e3": "slope-sign-delta3"},
    "mnist_conv": {
        **_SOFTMAX,
        "no-relu": "no-activation-y2",
        "slope-at-0-delta2": "no-slope-delta2",  # what ReLU gives is never below 0, so that y >= 0 is no slope
        "slope-at-0-delta5": "no-slope-delta5",
        "no-alpha": "sum-for-mean",  # alpha is 1/100, of batches of 100
    },
}
"""By listing, what does the same there as another mistake, and as which."""
