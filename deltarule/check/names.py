"""Which listing a port is of: by a name that is given, or by the function's own."""

from ..listings.experiments import EXPERIMENTS
from .callables import inner
from .errors import CheckError
from .listings import LISTINGS

BOOK = {
    "DeltaSGD": "delta_sgd",
    "DeltaBatch": "delta_batch",
    "DeltaMiniBatch": "delta_minibatch",
    "BackpropXOR": "backprop_xor",
    "BackpropMmt": "backprop_mmt",
    "BackpropCE": "backprop_ce",
    "MultiClass": "multi_class",
    "DeepReLU": "deep_relu",
    "DeepDropout": "deep_dropout",
    "MnistConv": "mnist_conv",
}
"""By the book's name of a listing, ours."""
OTHERS = {
    "backprop": "backprop_xor",
    "deltaxor": "delta_sgd",
    "sgd": "delta_sgd",
    "batch": "delta_batch",
    "minibatch": "delta_minibatch",
    "backpropmnt": "backprop_mmt",
    "backpropmomentum": "backprop_mmt",
    "momentum": "backprop_mmt",
    "backpropcrossentropy": "backprop_ce",
    "crossentropy": "backprop_ce",
    "softmaxclassifier": "multi_class",
    "convnet": "mnist_conv",
}
"""Other names that ports of a listing go by, in small letters without underscores."""


def known(name):
    """The listing of a name; None if there is none."""
    plain = name.replace("_", "").lower()
    names = {key.lower(): value for key, value in BOOK.items()} | OTHERS
    names |= {key.replace("_", ""): key for key in LISTINGS}
    return names.get(plain)


def listing_of(function, listing=None, *, besides=""):
    """The listing that a function is a port of; `besides` is said of what else can be named.

    Raises
    ------
    CheckError
        If the name given, or the function's own where none is, is no listing's.
    """
    name = getattr(inner(function), "__name__", type(function).__name__) if listing is None else listing
    found = known(name) if isinstance(name, str) else None
    if found is None:
        what = f"listing must be one of {', '.join(LISTINGS)}, or a name of the book such as BackpropXOR{besides}"
        given = repr(listing) if listing is not None else f"that of a function {name!r}; say which one"
        raise CheckError(f"{what}, not {given}")
    return found


def weights_of(listing):
    """The shapes of a listing's weights by name."""
    return dict(zip(LISTINGS[listing].weights, EXPERIMENTS[listing].shapes(), strict=True))
