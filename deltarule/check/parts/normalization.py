"""Batch normalisation and dropout as parts, and what is done wrong in them."""

import numpy as np

from ... import matlab
from ...basics.functions import kept_nodes
from ..errors import PortError
from ..steps import step
from .layers import missing, product, same
from .mine import BACKWARD, FORWARD, MISSING, OPTIONS, called, copied, gradient_of, made
from .part import Mistakes, NothingReturned, Part, Probe, mistake

PARTED = "(dxn - its part through the mean - its part through var) / std"


def mean(x):
    """The mean of each feature."""
    return x.mean(axis=0)


def variance(x, mean):
    """The variance of each feature, which divides by N."""
    return ((x - mean) ** 2).mean(axis=0)


def variance_less_one(x, mean):
    """The variance that divides by N - 1."""
    return ((x - mean) ** 2).sum(axis=0) / (len(x) - 1)


def scaled(gamma, x, beta):
    """gamma x + beta."""
    return gamma * x + beta


def running(first, second, m, start=0.0):
    """The running average of two batches."""
    return m * (m * start + (1 - m) * first) + (1 - m) * second


def epsilon(value):
    """The step ``epsilon``."""
    return step("", lambda: value, f"{value:g}")


def root(var, epsilon):
    """The standard deviation with epsilon under the root."""
    return np.sqrt(var + epsilon)


def _batch_steps():
    steps = {"epsilon": epsilon(1e-6)}
    for x, k in (("x", ""), ("x2", "2")):
        steps[f"mean{k}"] = step(x, mean, "the mean over the batch")
        steps[f"var{k}"] = step(f"{x} mean{k}", variance, "the mean of (x - mean)^2 over the batch")
    return {
        **steps,
        "std": step("var epsilon", root, "sqrt(var + epsilon)"),
        "xn": step("x mean std", lambda x, m, s: (x - m) / s, "(x - mean) / std"),
        "y": step("gamma xn beta", scaled, "gamma * xn + beta"),
        "dgamma": step("dout xn", lambda d, x: (d * x).sum(axis=0), "the sum of dout * xn over the batch"),
        "dbeta": step("dout", lambda d: d.sum(axis=0), "the sum of dout over the batch"),
        "dxn": step("dout gamma", product, "dout * gamma"),
        "by_mean": step("dxn", mean, "the mean of dxn, which comes through the mean"),
        "by_var": step("dxn xn", lambda d, x: x * (d * x).mean(axis=0), "xn times the mean of dxn * xn, through var"),
        "dx": step("dxn by_mean by_var std", lambda d, m, v, s: (d - m - v) / s, PARTED),
        "old": step("momentum", same, "momentum, the share of the average that stays"),
        "moved": step("var mean", lambda v, m: v, "var"),
        "moved2": step("var2 mean2", lambda v, m: v, "var"),
        "running_mean": step("mean mean2 old", running, "momentum times the old one + (1 - momentum) mean"),
        "running_var": step("moved moved2 old", running, "momentum times the old one + (1 - momentum) var"),
        "in_use": step("x3 running_mean running_var epsilon gamma beta",
                       lambda x, m, v, e, g, b: g * (x - m) / np.sqrt(v + e) + b,
                       "gamma * (x - running_mean) / sqrt(running_var + epsilon) + beta"),
    }  # fmt: skip


def _of_batch(m):
    """The mistakes in batch normalisation."""
    by_n = {"var": ("x mean", variance_less_one), "var2": ("x2 mean2", variance_less_one)}
    rows = {k: v for name, x in (("", "x"), ("2", "x2")) for k, v in (
        (f"mean{name}", (x, lambda x: x.mean(axis=1, keepdims=True))),
        (f"var{name}", (f"{x} mean{name}", lambda x, m: ((x - m) ** 2).mean(axis=1, keepdims=True))))}  # fmt: skip
    return (
        mistake("n-minus-1", "the variance divides by N - 1", "it should divide by N", **by_n),
        mistake("by-samples", "mean and variance are those of each sample (axis 1)", "they should be those of each "
                "feature over the batch (axis 0)", **rows),
        m("no-epsilon", "epsilon", "", lambda: 0.0, "0", "so that a feature that never changes is divided by 0"),
        m("epsilon-outside", "std", "var epsilon", lambda v, e: np.sqrt(v) + e, "sqrt(var) + epsilon",
          "outside the root"),
        m("no-root", "std", "var epsilon", lambda v, e: v + e, "var + epsilon", "without the root"),
        m("not-moved", "xn", "x std", lambda x, s: x / s, "x / std", "without taking off the mean"),
        m("not-scaled", "xn", "x mean", lambda x, m: x - m, "x - mean", "not divided by std"),
        m("no-gamma", "y", "xn beta", lambda x, b: x + b, "xn + beta", "without gamma"),
        m("no-beta", "y", "xn gamma", product, "gamma * xn", "without beta"),
        m("exchanged", "y", "beta xn gamma", scaled, "beta * xn + gamma", "with gamma and beta exchanged"),
        m("dgamma-of-x", "dgamma", "dout x", lambda d, x: (d * x).sum(axis=0), "the sum of dout * x"),
        m("dgamma-mean", "dgamma", "dout xn", lambda d, x: (d * x).mean(axis=0), "the mean of dout * xn"),
        m("dgamma-of-y", "dgamma", "dout y", lambda d, y: (d * y).sum(axis=0), "the sum of dout * y"),
        m("dbeta-mean", "dbeta", "dout", mean, "the mean of dout"),
        m("dbeta-not-summed", "dbeta", "dout", same, "dout", "not summed over the batch"),
        m("dxn-without-gamma", "dxn", "dout", same, "dout", "without gamma"),
        m("no-mean-backward", "by_mean", "", lambda: 0.0, "left out"),
        m("no-var-backward", "by_var", "", lambda: 0.0, "left out"),
        mistake("constants-backward", "the parts through the mean and through var are left out: mean and variance are "
                "taken for constants", "they change with x", by_mean=("", lambda: 0.0), by_var=("", lambda: 0.0)),
        m("mean-summed", "by_mean", "dxn", lambda d: d.sum(axis=0), "the sum of dxn", "not divided by N"),
        m("var-summed", "by_var", "dxn xn", lambda d, x: x * (d * x).sum(axis=0), "xn times the sum of dxn * xn",
          "not divided by N"),
        m("var-twice", "by_var", "dxn xn", lambda d, x: 2 * x * (d * x).mean(axis=0), "twice what it should be"),
        m("var-plus", "dx", "dxn by_mean by_var std", lambda d, m, v, s: (d - m + v) / s,
          "(dxn - its part through the mean + its part through var) / std"),
        m("not-divided-backward", "dx", "dxn by_mean by_var", lambda d, m, v: d - m - v,
          PARTED.removeprefix("(").removesuffix(") / std"),
          "not divided by std"),
        m("running-exchanged", "old", "momentum", lambda m: 1 - m, "1 - momentum",
          "so that the new batch has the share of the old average"),
        m("running-mean-replaced", "running_mean", "mean2", same, "the mean of the last batch"),
        m("running-var-replaced", "running_var", "var2", same, "the variance of the last batch"),
        m("running-std", "running_var", "std var2 epsilon old", lambda s, v, e, m: running(s, root(v, e), m),
          "the running average of the standard deviation"),
        m("running-plus", "running_mean", "mean mean2 old", lambda a, b, m: m * (m * 0 + a) + b,
          "momentum times the old one + mean", "without 1 - momentum"),
        m("batch-in-use", "in_use", "x3 epsilon gamma beta", lambda x, e, g, b: g * (x - x.mean(axis=0))
          / np.sqrt(x.var(axis=0) + e) + b, "normalised by the batch", "where the running averages belong"),
        m("plain-in-use", "in_use", "x3", same, "x itself"),
        m("no-scale-in-use", "in_use", "x3 running_mean running_var epsilon", lambda x, m, v, e: (x - m)
          / np.sqrt(v + e), "without gamma and beta"),
        m("dgamma-left-out", "dgamma", "", missing, "missing"),
        m("dbeta-left-out", "dbeta", "", missing, "missing"),
    )  # fmt: skip


SCALES = {"gamma": ("gamma", "weight", "scale", "g", "w", "W"), "beta": ("beta", "bias", "shift", "b")}
"""By parameter, what the attribute of a layer that makes it itself may be called."""


def with_scale(mine, given, options):
    """A layer made of gamma and beta; or of a number of features, where it makes them itself, and is given them then.

    Returns
    -------
    tuple of (object, dict from str to str)
        The layer, and by parameter what it is called there.
    """
    values = [copied(given[name]) for name in SCALES]
    try:
        return mine.call(mine.object, values, options), {name: name for name in SCALES}
    except PortError as error:
        try:
            thing = mine.call(mine.object, [len(values[0])], options)
        except PortError:
            raise error from error.__cause__  # it is no layer of so many features either
    names = {name: _put(mine, thing, name, value) for name, value in zip(SCALES, values, strict=True)}
    mine.note(f"it is made of the number of features, and its own {' and '.join(names.values())} are set here")
    return thing, names


def _put(mine, thing, name, value):
    """Set a parameter that a layer has made, and say what it is called there."""
    for kept in (vars(thing) if hasattr(thing, "__dict__") else {}, getattr(thing, "params", None)):
        for own in SCALES[name] if isinstance(kept, dict) else ():
            if np.size(kept.get(own)) == value.size and own in kept:
                kept[own] = value.reshape(np.shape(kept[own]))
                return own
    raise PortError(
        f"{mine.name} is made of the number of features, and has no {name} of {value.size} numbers as an attribute"
    )


def forward_in(mine, thing, x, training):
    """What a layer gives in training or in use: as forward is told, or else as the layer itself is."""
    if not mine.takes(mine.method(thing, FORWARD), 1, "train_flg"):
        _put_into(mine, thing, training)
    return called(mine, thing, FORWARD, [x], {"train_flg": training})


def _put_into(mine, thing, training):
    """Tell a layer whether it is trained, where it has train() and eval(), or an attribute for it."""
    if callable(getattr(thing, "train", None)) and callable(getattr(thing, "eval", None)):
        mine.note("train() and eval() say whether it is trained")
        return mine.call(thing.train if training else thing.eval, [], called=".train" if training else ".eval")
    for name in OPTIONS["train_flg"]:
        if isinstance(getattr(thing, name, None), bool):
            mine.note(f"its attribute {name} says whether it is trained")
            return setattr(thing, name, training)


def use_batch(mine, given, demands=()):
    """Batch normalisation used on two batches, and then on a third as in use."""
    options = {name: given[name] for name in ("momentum", "epsilon") if name in given}
    thing, names = with_scale(mine, given, _with_old_share(mine, options))
    x = copied(given["x"])
    found = {"y": mine.array(forward_in(mine, thing, x, True), "y"), "x_after": x}
    returned = called(mine, thing, BACKWARD, [copied(given["dout"])])
    if isinstance(returned, tuple) and len(returned) == 3:
        mine.note("backward gives dgamma and dbeta as well")
        found |= {n: mine.array(v, n) for n, v in zip(("dx", "dgamma", "dbeta"), returned, strict=True)}
    else:
        found["dx"] = mine.array(returned, "dx")
        found |= {f"d{name}": _gradient(mine, thing, f"d{name}", f"d{own}") for name, own in names.items()}
    forward_in(mine, thing, copied(given["x2"]), True)
    last = forward_in(mine, thing, copied(given["x3"]), False)
    return {**found, "in_use": mine.array(last, "in_use")}


def _gradient(mine, thing, name, own):
    """A gradient that a layer keeps, under the document's name or by that of the layer's own parameter."""
    found = gradient_of(mine, thing, name)
    return gradient_of(mine, thing, own) if found is MISSING and own != name else found


def _with_old_share(mine, options):
    """The options without the momentum where its default says that it is the share of the new batch."""
    default = getattr(mine.object, "__init__", None)
    defaults = dict(zip(_names(default), getattr(default, "__defaults__", None) or (), strict=False))
    share = defaults.get("momentum")
    if isinstance(share, float) and share < 0.5:
        mine.note("momentum is the share of the new batch, as in PyTorch")
        return {name: value for name, value in options.items() if name != "momentum"}
    return options


def _names(function):
    """The names of a function's arguments that have a default."""
    code, defaults = getattr(function, "__code__", None), getattr(function, "__defaults__", None) or ()
    return code.co_varnames[: code.co_argcount][-len(defaults) :] if code and defaults else ()


def _batch_normalization():
    steps = _batch_steps()
    rng = np.random.RandomState(4)
    x, x2, x3 = (rng.randn(5, 4) * [1.0, 3.0, 0.01, 0.0] + [0.5, -2.0, 0.1, 0.25] for _ in range(3))
    given = {"x": x, "x2": x2, "x3": x3, "dout": rng.randn(5, 4), "gamma": np.array([1.5, 0.5, 2.0, 0.75]),
             "beta": np.array([0.2, -0.4, 0.1, 0.3]), "momentum": 0.9}  # fmt: skip
    wanted = ("y", "dx", "dgamma", "dbeta", "in_use")
    others = [(f"epsilon is {e:g}, where it is 1e-06 here", {"epsilon": epsilon(e)})
              for e in (1e-5, 1e-7, 1e-8, 1e-3, 1e-10)]  # fmt: skip
    less_one = {f"moved{k}": step(f"{x} mean{k}", variance_less_one, "var") for k, x in (("", "x"), ("2", "x2"))}
    from_one = step("moved moved2 old", lambda a, b, m: running(a, b, m, 1.0), steps["running_var"].text)
    alike = (
        tuple(others),
        (("the running variance divides by N - 1, as in PyTorch", less_one),),
        (("the running variance begins from 1, as in PyTorch", {"running_var": from_one}),),
    )
    labels = {"y": "forward", "dx": "backward", "in_use": "forward in use"}
    return Part("BatchNormalization", steps, (Probe("a batch", given, wanted),), use_batch, _of_batch(Mistakes(steps)),
                True, ("batchnorm", "batchnorm1d", "batchnormlayer", "bn", "batchnormalisation"), alike,
                labels=labels)  # fmt: skip


# Dropout: what is let through is read off the output, since it is drawn


def _share(kept, ratio):
    """The share that is let through, as what it is meant to be: 1 - ratio or ratio; else as it is."""
    found = kept.mean()
    bound = 6 * np.sqrt(ratio * (1 - ratio) / kept.size)
    return next((s for s in (1 - ratio, ratio) if abs(found - s) <= bound), found)


def use_dropout(mine, given, demands=()):
    """Dropout used in training, back, and in use."""
    thing = made(mine, given, (), ("dropout_ratio", "rng"), ("dropout_ratio",))
    found = {}
    if given["training"]:
        x, dout = copied(given["x"]), copied(given["dout"])
        y = mine.array(forward_in(mine, thing, x, True), "y")
        mask = (y != 0) * np.ones_like(given["x"])
        found = {"y": y, "mask": mask, "share": np.array(_share(mask, given["dropout_ratio"])), "x_after": x}
        dx = mine.array(called(mine, thing, BACKWARD, [dout]), "dx")
        return {**found, "dx": dx, "other_mask": _mask_of(dx, mask), "dout_after": dout}
    used = mine.array(forward_in(mine, thing, copied(given["x"]), False), "in_use")
    return {"in_use": used, "mask_in_use": _mask_of(used)}


def _mask_of(values, beside=None):
    """Where values were let through; not a number where that is everywhere, or just where a mask beside it is 0."""
    there = 1.0 * (values != 0)
    nothing_drawn = there.all() or (beside is not None and np.array_equal(there, 1 - beside))
    return np.nan * there if nothing_drawn else there


def refuse(*_):
    """A quantity that nothing gives."""
    raise NothingReturned


def _dropout_layer():
    steps = {
        "keep": step("dropout_ratio", lambda r: 1 - r, "1 - dropout_ratio"),
        "share": step("keep", same, "1 - dropout_ratio, of what is let through"),
        "scale": step("", lambda: 1.0, "1"),
        "back_scale": step("scale", same, "that of the way forward"),
        "y": step("x mask scale", lambda x, m, s: x * m * s, "x times the mask"),
        "dx": step("dout mask back_scale", lambda d, m, s: d * m * s, "dout times the mask"),
        "in_use": step("x keep", product, "x * (1 - dropout_ratio)"),
    }
    m = Mistakes(steps)
    inverted = {"scale": step("keep", lambda k: 1 / k, "1 / (1 - dropout_ratio)"), "in_use": step("x", same, "x")}
    mistakes = (
        m("never-scaled", "in_use", "x", same, "x", "though nothing is scaled in training"),
        m("share-dropped", "in_use", "x dropout_ratio", product, "x * dropout_ratio",
          "times the share that is dropped", "notes-dropout-share"),
        mistake("scaled-twice", "what is let through is scaled in training, and in use as well",
                "it should be scaled in one of them", scale=("keep", lambda k: 1 / k)),
        m("divided-in-use", "in_use", "x keep", lambda x, k: x / k, "x / (1 - dropout_ratio)"),
        m("nothing-in-use", "in_use", "", refuse, "nothing: no value is returned", "", "notes-dropout-test"),
        m("dropped-in-use", "in_use", "x mask_in_use", product, "x times a mask", "nodes are dropped in use as well"),
        m("exchanged", "share", "dropout_ratio", same, "dropout_ratio", "the share to drop is let through"),
        m("all-through", "share", "", lambda: 1.0, "1", "nothing is dropped"),
        m("scaled-by-ratio", "scale", "dropout_ratio", lambda r: 1 / r, "1 / dropout_ratio"),
        m("scaled-down", "scale", "keep", same, "1 - dropout_ratio", "in training, where use has it"),
        m("no-mask-backward", "dx", "dout back_scale", product, "dout", "without the mask"),
        m("other-mask-backward", "dx", "dout other_mask back_scale", lambda d, m, s: d * m * s,
          "dout times another mask", "which is drawn anew"),
        mistake("unscaled-backward", "the way forward is scaled in training, and the way back is not",
                "the way back should have the same scale", scale=("keep", lambda k: 1 / k),
                in_use=("x", same), back_scale=("", lambda: 1.0)),
        m("scaled-backward", "back_scale", "keep", lambda k: 1 / k, "1 / (1 - dropout_ratio)",
          "though the way forward is not scaled"),
        m("ratio-backward", "back_scale", "keep", same, "1 - dropout_ratio"),
        m("mask-turned-backward", "dx", "dout mask back_scale", lambda d, m, s: d * (1 - m) * s,
          "dout where nodes are dropped"),
    )  # fmt: skip
    rng = np.random.RandomState(5)
    given = {"x": rng.rand(60, 50) + 0.5, "dout": rng.rand(60, 50) + 0.5, "dropout_ratio": 0.3,
             "rng": np.random.RandomState(6)}  # fmt: skip
    probes = (
        Probe("in training", {**given, "training": True}, ("share", "y", "dx")),
        Probe("in use", {**given, "training": False}, ("in_use",)),
    )
    labels = {"y": "forward", "dx": "backward", "in_use": "forward in use", "share": "the share let through"}
    note = "what is let through is scaled in training, and nothing in use, as in the frameworks"
    return Part("Dropout", steps, probes, use_dropout, mistakes, True, ("dropoutlayer",), (((note, inverted),),),
                labels=labels)  # fmt: skip


def use_mask(mine, given, demands=()):
    """The listing's dropout, which returns a mask."""
    y = copied(given["y"])
    options = {"rng": copied(given["rng"])}
    mask = mine.array(mine.call(mine.object, [y, given["ratio"]], options), "the mask")
    kept = mask != 0
    return {
        "count": np.array(kept.sum()),
        "factor": np.unique(mask[kept]) if kept.any() else MISSING,
        "size": np.array(mask.size),
        "y_after": y,
    }


def _dropout_mask():
    steps = {
        "n": step("y", np.size, "the number of nodes"),
        "share": step("ratio", lambda r: 1 - r, "1 - ratio"),
        "count": step("n share", lambda n, s: float(kept_nodes(n, 1 - s)), "round(n * (1 - ratio))"),
        "factor": step("ratio", lambda r: np.array([1 / (1 - r)]), "1 / (1 - ratio)"),
        "size": step("n", float, "as many as y has"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("exchanged", "share", "ratio", same, "ratio", "the share to drop is kept"),
        m("unscaled", "factor", "", lambda: np.ones(1), "1", "unscaled"),
        m("by-ratio", "factor", "ratio", lambda r: np.array([1 / r]), "1 / ratio"),
        m("kept-share", "factor", "ratio", lambda r: np.array([1 - r]), "1 - ratio", "multiplied, not divided"),
        m("ratio", "factor", "ratio", lambda r: np.array([r]), "ratio"),
        m("floor", "count", "n share", lambda n, s: float(np.floor(n * s)), "rounded down"),
        m("ceil", "count", "n share", lambda n, s: float(np.ceil(n * s)), "rounded up"),
        m("nothing-dropped", "count", "n", float, "all of them", "nothing is dropped"),
        m("one-less", "count", "n share", lambda n, s: float(kept_nodes(n, 1 - s)) - 1, "one less", "index 0 is lost"),
    )
    rng = matlab.rng(1)
    probes = tuple(
        Probe(name, {"y": np.linspace(0.1, 0.9, n)[:, None], "ratio": r, "rng": rng}, ("count", "factor", "size"))
        for name, n, r in (("20 nodes", 20, 0.2), ("17 nodes", 17, 0.3), ("16 nodes", 16, 0.3))
    )
    labels = {"count": "the number of nodes kept", "factor": "what they are scaled by", "size": "the mask's size"}
    return Part("dropout", steps, probes, use_mask, mistakes, labels=labels)


NORMALIZATION = (_batch_normalization(), _dropout_layer(), _dropout_mask())
