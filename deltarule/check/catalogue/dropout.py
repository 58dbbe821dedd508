"""Mistakes in dropout: which nodes are kept, by what they are scaled, and the way back."""

from copy import copy

import numpy as np

from ...basics.functions import kept_nodes
from ..listings import drawn
from ..steps import step
from .mistake import Mistake, otherwise, together

LAYERS = (1, 2, 3)


def scales(form):
    """Otherwise than 1 / (1 - ratio)."""

    def scale(id, function, text, remark):
        return otherwise(form, id, "scale", "ratio", function, text, remark)

    return [
        scale("unscaled", lambda r: 1.0, "1", "the kept nodes are not scaled up"),
        scale("scaled-by-ratio", lambda r: 1 / r, "1/ratio", "scaled by the share that is dropped"),
        scale("scaled-down", lambda r: 1 - r, "1 - ratio", "scaled down in place of up"),
        scale("scaled-by-dropped", lambda r: r, "ratio", "scaled by the share that is dropped"),
    ]


def _other_draws(id, says, should, function):
    needs = "rng ratio W1 W2 W3 x"
    return Mistake(id, says, {"draws": step(needs, function)}, should)


def _dropped(rng, ratio, *rest):
    """As many nodes drawn as are dropped, and those kept."""
    return drawn(rng, 1 - ratio, *rest)


def _inverted(rng, ratio, *rest):
    """The nodes drawn are dropped, the others kept."""
    draws, rng = drawn(rng, ratio, *rest)
    weights = rest[:3]
    kept = [
        [np.setdiff1d(np.arange(1, W.shape[0] + 1), nodes) for nodes in layer]
        for W, layer in zip(weights, draws, strict=True)
    ]
    return kept, rng


def _one_mask(rng, ratio, W1, W2, W3, x):
    """The first layer's nodes, kept in all layers."""
    rng, kept = copy(rng), []
    for _ in range(x.shape[-1]):
        kept.append([rng.randperm(W1.shape[0], kept_nodes(W1.shape[0], ratio))] * 3)
    return list(zip(*kept, strict=True)), rng


def draws(form):
    """Other nodes kept."""
    should = "round(n*(1 - ratio)) nodes should be drawn and kept, in each layer anew"
    return [
        _other_draws("kept-and-dropped", "as many nodes are kept as should be dropped", should, _dropped),
        _other_draws("drawn-dropped", "the nodes drawn are dropped, and the others kept", should, _inverted),
        _other_draws("one-mask", "all layers have the mask of the first", should, _one_mask),
        Mistake("ratio-0.5", "ratio is 0.5", {"ratio": step("", lambda: 0.5)}, "ratio should be 0.2"),
        Mistake("no-dropout", "no node is dropped, but the numbers are drawn",
                {f"y{k}": step(f"s{k}", lambda s: s) for k in LAYERS}, "each layer should be multiplied by its mask"),
        *[otherwise(form, f"no-dropout-y{k}", f"y{k}", f"s{k}", lambda s: s, f"Sigmoid(v{k})", "without its mask")
          for k in LAYERS],
    ]  # fmt: skip


def slopes(form):
    """The way back through the mask; the listing takes y(1 - y) of the masked output, which is a quirk of its own."""

    def back(id, k, needs, function, text, remark, erratum=""):
        return otherwise(form, f"{id}-delta{k}", f"delta{k}", needs, function, text, remark, erratum)

    found = []
    for k in LAYERS:
        found.append(
            back("slope-without-mask", k, f"s{k} e{k}", lambda s, e: s * (1 - s) * e, f"s{k}*(1 - s{k})*e{k}",
                 f"with s{k} = Sigmoid(v{k}), and no mask on the way back")
        )  # fmt: skip
        found.append(
            back("exact-slope", k, f"s{k} mask{k} e{k}", lambda s, m, e: m * s * (1 - s) * e,
                 f"m{k}*s{k}*(1 - s{k})*e{k}", "the derivative, where the listing has the masked output's slope",
                 "dropout-slope")
        )  # fmt: skip
        found.append(
            back("mask-twice", k, f"y{k} mask{k} e{k}", lambda y, m, e: m * y * (1 - y) * e,
                 f"m{k}*y{k}*(1 - y{k})*e{k}", "with the mask once more")
        )  # fmt: skip
    for id, says, erratum in (
        ("slope-without-mask", "there is no mask on the way back, in any layer", ""),
        (
            "exact-slope",
            "the slopes are m*s*(1 - s), with s before the mask, in every layer",
            "dropout-slope",
        ),
        ("mask-twice", "the mask is applied on the way back too, to the slope of what is masked", ""),
    ):
        those = [m for m in found if m.id.startswith(f"{id}-delta")]
        found.append(
            together(f"{id}-everywhere", says, "the slope should be y*(1 - y) of the masked y", those, erratum)
        )
    return found
