"""The optimisers as parts, and what is done wrong in them: one parameter's update as steps, repeated."""

import numpy as np

from ..steps import plan, run, step
from .layers import same
from .mine import copied, made
from .part import Mistakes, Part, Probe, mistake

UPDATES = 10
LOOKS = (1, 2, 10)
KEYS = ("W", "b")
LAST = "last_"
ONE_ARRAY = "update takes one array and its gradient, and each parameter has an optimiser of its own"
NAMES = ("update", "step", "__call__")


def updates(steps, known, wanted):
    """The parameters after some updates; a step ``last_v`` is the ``v`` of the update before, 0 at first."""
    lasts = sorted({need for s in steps.values() for need in s.needs if need.startswith(LAST)})
    names = ["new_p", *(last.removeprefix(LAST) for last in lasts)]
    given = {"p", "g", "k", "place", "keys", *known, *lasts}
    planned, found = plan(steps, names, given), {}
    for place, key in enumerate(KEYS):
        p, state = known["params"][key], dict.fromkeys(lasts, 0.0)
        for k in range(1, UPDATES + 1):
            now = {**known, **state, "p": p, "g": known["grads"][k - 1][key], "k": k, "place": place}
            run(planned, now)
            p, state = now["new_p"], {last: now[last.removeprefix(LAST)] for last in lasts}
            if k in LOOKS:
                found[f"{key}_{k}"] = p
    return {name: found[name] for name in wanted}


def use_optimizer(options, listed=False):
    """How an optimiser is used: made, and its update called with parameters and gradients."""

    def use(mine, given, demands=()):
        thing = made(mine, given, (), options, demands)
        update = mine.method(thing, NAMES)
        params, found = copied(given["params"]), {}
        params = list(params.values()) if listed else params
        for k in range(1, UPDATES + 1):
            grads = copied(given["grads"][k - 1])
            returned = mine.call(update, [params, list(grads.values()) if listed else grads], called=".update")
            params = _returned(mine, returned, params)
            if any(not np.array_equal(grads[key], given["grads"][k - 1][key]) for key in KEYS):
                mine.note("it overwrites the gradients that it is given")
            if k in LOOKS:
                now = dict(zip(KEYS, params, strict=True)) if listed else params
                found |= {f"{key}_{k}": mine.array(now[key], f"params[{key!r}]") for key in KEYS}
        return found

    return use


def use_on_arrays(options):
    """How an optimiser of one array is used: each parameter has its own, made anew, whose update gets the array."""

    def use(mine, given, demands=()):
        found = {}
        for key in KEYS:
            update = mine.method(made(mine, given, (), options, demands), NAMES)
            p = copied(given["params"][key])
            for k in range(1, UPDATES + 1):
                returned = mine.call(update, [p, copied(given["grads"][k - 1][key])], called=".update")
                p = p if returned is None else mine.array(returned, f"params[{key!r}]")
                if k in LOOKS:
                    found[f"{key}_{k}"] = np.array(p)
        return found

    return use


def _returned(mine, returned, params):
    """The parameters after an update: what was returned, where that is parameters; else what was given."""
    if type(returned) is type(params) and len(returned) == len(params) and returned is not params:
        mine.note("update returns new parameters, and leaves those that it is given")
        return returned
    return params


def optimizer(name, steps, mistakes, options, names=(), alike=()):
    """An optimiser as a part."""
    rng = np.random.RandomState(7)
    small = {"W": np.array([[1.0, 1.0, 1e-6], [1.0, 0.0, 1.0]]), "b": np.array([1.0, 1e-5])}
    grads = [{key: small[key] * rng.randn(*small[key].shape) for key in KEYS} for _ in range(UPDATES)]
    params = {"W": rng.randn(2, 3), "b": rng.randn(2)}
    given = {"params": params, "grads": grads, "keys": len(KEYS), "lr": 0.1, **options}
    probes = tuple(
        Probe(f"lr = {lr:g}", {**given, "lr": lr}, tuple(f"{key}_{k}" for k in LOOKS for key in KEYS), ("lr",))
        for lr in (0.1, 0.02)
    )
    labels = {f"{key}_{k}": f"{key} after {k} update{'s' * (k > 1)}" for key in KEYS for k in LOOKS}
    taken = ("lr", *options)
    lists = use_optimizer(taken, listed=True)
    return Part(name, steps, probes, use_optimizer(taken), tuple(mistakes), True, names, alike,
                (("parameters and gradients are lists", lists), (ONE_ARRAY, use_on_arrays(taken))),
                updates, labels)  # fmt: skip


def follow(p, rate, g):
    """p - rate g."""
    return p - rate * g


def against(p, rate, g):
    """p + rate g."""
    return p + rate * g


def rates(m, step_name="step", needs="g"):
    """The mistakes in the learning rate, and in the direction, of an update p - lr * something."""
    named = "g" if needs == "g" else step_name
    return [
        m("uphill", "new_p", f"p lr {needs}", against, f"p + lr * {named}", "along the gradient and not against it",
          "notes-gradient-direction"),
        m("no-rate", "new_p", f"p {needs}", lambda p, s: p - s, f"p - {named}", "without lr"),
        m("rate-squared", "new_p", f"p lr {needs}", lambda p, lr, s: p - lr * lr * s, f"p - lr^2 * {named}"),
        m("fixed-rate", "new_p", f"p {needs}", lambda p, s: p - 0.01 * s, f"p - 0.01 * {named}", "whatever lr is"),
        m("nothing-changes", "new_p", "p", same, "p", "the parameters are not changed, as with p = p - ... in a loop"),
    ]  # fmt: skip


def once(m, what, needs, changed, erratum):
    """The mistake of an update that only the first call does."""
    function = lambda k, p, *rest: changed(p, *rest) if k == 1 else p  # noqa: E731
    return m("once", "new_p", f"k p {needs}", function, "changed at the first call alone",
             f"as where the update stands within the branch that makes {what}", erratum)  # fmt: skip


def _sgd():
    steps = {"new_p": step("p lr g", follow, "p - lr * g")}
    m = Mistakes(steps)
    return optimizer("SGD", steps, [
        *rates(m),
        m("sign", "new_p", "p lr g", lambda p, lr, g: p - lr * np.sign(g), "p - lr * sign(g)"),
        m("length", "new_p", "p lr g", lambda p, lr, g: p - lr * g / np.linalg.norm(g), "p - lr * g / |g|"),
        m("by-size", "new_p", "p lr g", lambda p, lr, g: p - lr * g / g.size, "p - lr * g / g.size"),
        m("step-for-p", "new_p", "lr g", lambda lr, g: -lr * g, "-lr * g", "without p"),
        m("turned", "new_p", "p lr g", lambda p, lr, g: lr * g - p, "lr * g - p"),
        m("times", "new_p", "p lr g", lambda p, lr, g: p * (1 - lr * g), "p * (1 - lr * g)"),
        m("decays", "new_p", "p lr g k", lambda p, lr, g, k: p - lr / k * g, "p - lr / k * g",
          "with a rate that falls with every update"),
        once(m, "what it keeps", "lr g", follow, ""),
    ], {}, ("stochasticgradientdescent", "gradientdescent"))  # fmt: skip


def velocity(momentum, last, lr, g):
    """momentum v - lr g."""
    return momentum * last - lr * g


def _momentum_steps():
    return {
        "v": step("momentum last_v lr g", velocity, "momentum * v - lr * g"),
        "new_p": step("p v", np.add, "p + v"),
    }


def _of_velocity(m):
    """The mistakes in the velocity."""
    needs = "momentum last_v lr g"
    return [
        m("reset", "v", "lr g", lambda lr, g: -lr * g, "-lr * g", "the velocity is forgotten at every call"),
        m("uphill", "v", needs, lambda m, v, lr, g: m * v + lr * g, "momentum * v + lr * g, or taken off",
          "along the gradient and not against it", "notes-gradient-direction"),
        m("momentum-subtracted", "v", needs, lambda m, v, lr, g: -m * v - lr * g, "-momentum * v - lr * g"),
        m("no-decay", "v", "last_v lr g", lambda v, lr, g: v - lr * g, "v - lr * g", "without momentum"),
        m("exchanged", "v", needs, lambda m, v, lr, g: lr * v - m * g, "lr * v - momentum * g",
          "with lr and momentum exchanged"),
        m("damped", "v", needs, lambda m, v, lr, g: m * v - (1 - m) * lr * g, "momentum * v - (1 - momentum) * lr * g"),
        m("momentum-of-both", "v", needs, lambda m, v, lr, g: m * (v - lr * g), "momentum * (v - lr * g)"),
        m("momentum-squared", "v", needs, lambda m, v, lr, g: m * m * v - lr * g, "momentum^2 * v - lr * g"),
        m("one-minus-momentum", "v", needs, lambda m, v, lr, g: (1 - m) * v - lr * g, "(1 - momentum) * v - lr * g"),
        m("no-rate", "v", "momentum last_v g", lambda m, v, g: m * v - g, "momentum * v - g", "without lr"),
        m("fixed-rate", "v", "momentum last_v g", lambda m, v, g: m * v - 0.01 * g, "momentum * v - 0.01 * g",
          "whatever lr is"),
    ]  # fmt: skip


def _momentum():
    steps = _momentum_steps()
    m = Mistakes(steps)
    return optimizer("Momentum", steps, [
        *_of_velocity(m),
        m("lr-twice", "new_p", "p v lr", lambda p, v, lr: p + lr * v, "p + lr * v", "though v has lr already"),
        m("gradient-again", "new_p", "p v lr g", lambda p, v, lr, g: p + v - lr * g, "p + v - lr * g",
          "the gradient twice"),
        m("last-v", "new_p", "p last_v", np.add, "p + v", "with the velocity of the update before"),
        m("nesterov", "new_p", "p momentum v lr g", lambda p, m, v, lr, g: p + m * v - lr * g,
          "p + momentum * v - lr * g", "which is Nesterov's"),
        m("v-alone", "new_p", "v", same, "v", "without p"),
        m("nothing-changes", "new_p", "p", same, "p", "the parameters are not changed"),
        once(m, "v", "v", np.add, "notes-momentum-once"),
    ], {"momentum": 0.9}, ("momentumsgd", "sgdmomentum"))  # fmt: skip


def nesterov(p, m, v, lr, g):
    """p + momentum v - lr g."""
    return p + m * v - lr * g


def _nesterov():
    steps = _momentum_steps()
    steps["new_p"] = step("p momentum v lr g", nesterov, "p + momentum * v - lr * g, with the new v")
    m, needs = Mistakes(steps), "p momentum last_v lr g"
    return optimizer("Nesterov", steps, [
        *[each for each in _of_velocity(m) if each.id not in ("uphill", "no-rate", "fixed-rate")],
        m("momentum", "new_p", "p v", np.add, "p + v", "without looking ahead: plain momentum"),
        m("new-for-old", "new_p", "p momentum v lr g", lambda p, m, v, lr, g: p + m * m * v - (1 + m) * lr * g,
          "p + momentum^2 * v - (1 + momentum) * lr * g, with the new v", "where the old one belongs"),
        m("momentum-once", "new_p", needs, lambda p, m, v, lr, g: p + m * v - (1 + m) * lr * g,
          "p + momentum * v - (1 + momentum) * lr * g, with the old v", "which lacks the square of momentum"),
        m("without-1", "new_p", needs, lambda p, m, v, lr, g: p + m * m * v - m * lr * g,
          "p + momentum^2 * v - momentum * lr * g, with the old v", "without the 1 in 1 + momentum"),
        m("one-step", "new_p", needs, lambda p, m, v, lr, g: p + m * m * v - lr * g,
          "p + momentum^2 * v - lr * g, with the old v", "without the momentum in 1 + momentum"),
        m("gradient-added", "new_p", "p momentum v lr g", lambda p, m, v, lr, g: p + m * v + lr * g,
          "p + momentum * v + lr * g", "along the gradient and not against it", "notes-gradient-direction"),
        m("minus-v", "new_p", "p momentum v lr g", lambda p, m, v, lr, g: p - m * v - lr * g,
          "p - momentum * v - lr * g"),
        m("nothing-changes", "new_p", "p", same, "p", "the parameters are not changed"),
        once(m, "v", "momentum v lr g", nesterov, ""),
    ], {"momentum": 0.9}, ("nag", "nesterovmomentum"))  # fmt: skip


def epsilons(values):
    """The numbers that keep a division by 0 away, beside that of the notes."""
    return tuple(
        (f"epsilon is {e:g}, where it is 1e-07 in the notes", {"small": step("", lambda e=e: e, f"{e:g}")})
        for e in values
    )


def quotient(p, lr, g, below):
    """p - lr g / below."""
    return p - lr * g / below


def _below_steps():
    return {
        "small": step("epsilon", same, "epsilon"),
        "root": step("h", np.sqrt, "sqrt(h)"),
        "below": step("root small", np.add, "sqrt(h) + epsilon"),
        "new_p": step("p lr g below", quotient, "p - lr * g / (sqrt(h) + epsilon)"),
    }


def _of_below(m, erratum=""):
    """The mistakes in what AdaGrad and RMSprop divide by, and in the step."""
    needs = "p lr g below"
    return [
        m("times-epsilon", "below", "root small", np.multiply, "sqrt(h) * epsilon", "times for plus", erratum),
        m("epsilon-in-root", "below", "h small", lambda h, e: np.sqrt(h + e), "sqrt(h + epsilon)",
          "with epsilon inside the root"),
        m("no-epsilon", "small", "", lambda: 0.0, "0", "so that a gradient of 0 is divided by 0"),
        m("no-root", "root", "h", same, "h", "without the root"),
        m("times-root", "new_p", needs, lambda p, lr, g, b: p - lr * g * b, "p - lr * g * (sqrt(h) + epsilon)"),
        m("uphill", "new_p", needs, lambda p, lr, g, b: p + lr * g / b, "p + lr * g / (sqrt(h) + epsilon)",
          "along the gradient and not against it", "notes-gradient-direction"),
        m("no-rate", "new_p", "p g below", lambda p, g, b: p - g / b, "p - g / (sqrt(h) + epsilon)", "without lr"),
        m("fixed-rate", "new_p", "p g below", lambda p, g, b: p - 0.01 * g / b, "p - 0.01 * g / (sqrt(h) + epsilon)",
          "whatever lr is"),
        m("nothing-changes", "new_p", "p", same, "p", "the parameters are not changed"),
        m("reset", "h", "g", lambda g: g * g, "g^2", "h is forgotten at every call"),
    ]  # fmt: skip


def _adagrad():
    steps = {"h": step("last_h g", lambda h, g: h + g * g, "h + g^2"), **_below_steps()}
    m = Mistakes(steps)
    return optimizer("AdaGrad", steps, [
        *_of_below(m, "notes-adagrad-times"),
        once(m, "h", "lr g below", quotient, "notes-adagrad-once"),
        m("times-g", "h", "last_h g k", lambda h, g, k: g * g if k == 1 else h * g * g, "h * g^2", "times for plus"),
        m("never-grows", "h", "last_h g", lambda h, g: 0 * g, "0 at all times", "as with h * g^2 from h = 0"),
        m("no-square", "h", "last_h g", lambda h, g: h + g, "h + g", "without the square"),
        m("absolute", "h", "last_h g", lambda h, g: h + abs(g), "h + |g|", "without the square"),
        m("decays", "h", "last_h g", lambda h, g: 0.99 * h + 0.01 * g * g, "0.99 h + 0.01 g^2", "which is RMSprop's"),
        m("h-behind", "root", "last_h", lambda h: np.sqrt(h + 0.0), "sqrt(h) of the update before"),
    ], {"epsilon": 1e-7}, (), (epsilons((1e-8, 1e-6, 1e-10)),))  # fmt: skip


def _rmsprop():
    steps = {
        "rate": step("decay_rate", same, "decay_rate"),
        "h": step("rate last_h g", lambda d, h, g: d * h + (1 - d) * g * g, "decay_rate * h + (1 - decay_rate) * g^2"),
        **_below_steps(),
    }
    m, needs = Mistakes(steps), "rate last_h g"
    return optimizer("RMSprop", steps, [
        *_of_below(m),
        once(m, "h", "lr g below", quotient, ""),
        m("exchanged", "h", needs, lambda d, h, g: (1 - d) * h + d * g * g, "(1 - decay_rate) * h + decay_rate * g^2",
          "with the shares exchanged"),
        m("no-share", "h", needs, lambda d, h, g: d * h + g * g, "decay_rate * h + g^2", "without 1 - decay_rate"),
        m("adagrad", "h", "last_h g", lambda h, g: h + g * g, "h + g^2", "without decay: AdaGrad's"),
        m("no-square", "h", needs, lambda d, h, g: d * h + (1 - d) * g, "decay_rate * h + (1 - decay_rate) * g",
          "without the square"),
        m("share-squared", "h", needs, lambda d, h, g: d * h + ((1 - d) * g) ** 2,
          "decay_rate * h + ((1 - decay_rate) * g)^2"),
        m("share-of-new", "h", needs, lambda d, h, g: h + (1 - d) * g * g, "h + (1 - decay_rate) * g^2",
          "without the decay of the old"),
    ], {"decay_rate": 0.99, "epsilon": 1e-7}, (), (
        epsilons((1e-8, 1e-6, 1e-10)),
        (("the decay is 0.9, where it is 0.99 in the notes", {"rate": step("", lambda: 0.9, "0.9")}),),
    ))  # fmt: skip


def moving(share, last, new):
    """share last + (1 - share) new."""
    return share * last + (1 - share) * new


def _adam_steps():
    return {
        "t": step("k", same, "the number of the update, from 1 on"),
        "m": step("beta1 last_m g", moving, "beta1 * m + (1 - beta1) * g"),
        "square": step("g", lambda g: g * g, "g^2"),
        "v": step("beta2 last_v square", moving, "beta2 * v + (1 - beta2) * g^2"),
        "c1": step("beta1 t", lambda b, t: 1 - b**t, "1 - beta1^t"),
        "c2": step("beta2 t", lambda b, t: 1 - b**t, "1 - beta2^t"),
        "rate": step("lr c1 c2", lambda lr, a, b: lr * np.sqrt(b) / a, "lr * sqrt(1 - beta2^t) / (1 - beta1^t)"),
        "small": step("epsilon", same, "epsilon"),
        "added": step("small c2", lambda e, c: e, "epsilon"),
        "below": step("v added", lambda v, e: np.sqrt(v) + e, "sqrt(v) + epsilon"),
        "new_p": step("p rate m below", lambda p, r, m, b: p - r * m / b, "p - rate * m / (sqrt(v) + epsilon)"),
    }


def _of_moments(m):
    """Adam's mistakes in its two averages."""
    return [
        m("m-exchanged", "m", "beta1 last_m g", lambda b, m, g: (1 - b) * m + b * g, "(1 - beta1) * m + beta1 * g"),
        m("v-exchanged", "v", "beta2 last_v square", lambda b, v, s: (1 - b) * v + b * s,
          "(1 - beta2) * v + beta2 * g^2"),
        m("m-no-share", "m", "beta1 last_m g", lambda b, m, g: b * m + g, "beta1 * m + g", "without 1 - beta1"),
        m("v-no-share", "v", "beta2 last_v square", lambda b, v, s: b * v + s, "beta2 * v + g^2", "without 1 - beta2"),
        m("m-of-beta2", "m", "beta2 last_m g", moving, "beta2 * m + (1 - beta2) * g", "with beta2 for beta1"),
        m("v-of-beta1", "v", "beta1 last_v square", moving, "beta1 * v + (1 - beta1) * g^2", "with beta1 for beta2"),
        m("m-reset", "m", "beta1 g", lambda b, g: (1 - b) * g, "(1 - beta1) * g", "m is forgotten at every call"),
        m("v-reset", "v", "beta2 square", lambda b, s: (1 - b) * s, "(1 - beta2) * g^2",
          "v is forgotten at every call"),
        m("no-square", "square", "g", same, "g", "without the square"),
        m("square-of-m", "square", "m", lambda m: m * m, "m^2", "of the average in place of the gradient"),
    ]  # fmt: skip


def _adam():
    steps = _adam_steps()
    m, both = Mistakes(steps), _exchanged()
    mistakes = [
        *_of_moments(m), both,
        m("no-correction", "rate", "lr", same, "lr", "without the correction"),
        m("no-correction-of-m", "c1", "", lambda: 1.0, "1", "m is not corrected"),
        m("no-correction-of-v", "c2", "", lambda: 1.0, "1", "v is not corrected"),
        m("correction-without-root", "rate", "lr c1 c2", lambda lr, a, b: lr * b / a,
          "lr * (1 - beta2^t) / (1 - beta1^t)", "without the root"),
        m("correction-turned", "rate", "lr c1 c2", lambda lr, a, b: lr * a / np.sqrt(b),
          "lr * (1 - beta1^t) / sqrt(1 - beta2^t)", "upside down"),
        m("correction-times", "rate", "lr c1 c2", lambda lr, a, b: lr * a * np.sqrt(b),
          "lr * sqrt(1 - beta2^t) * (1 - beta1^t)", "times for divided by"),
        m("t-not-counted", "t", "", lambda: 1, "1 at every update", "it is not counted"),
        m("t-by-parameter", "t", "k place keys", lambda k, p, n: n * (k - 1) + p + 1,
          "counted for every parameter", "within the loop"),
        m("t-from-0", "t", "k", lambda k: k - 1, "counted from 0", "so that the first update divides by 0"),
        m("t-from-2", "t", "k", lambda k: k + 1, "counted from 2"),
        m("powers-without-t", "c1", "beta1 t", lambda b, t: 1 - b * t, "1 - beta1 * t", "a product for a power"),
        m("epsilon-in-root", "below", "v added", lambda v, e: np.sqrt(v + e), "sqrt(v + epsilon)",
          "with epsilon inside the root"),
        m("epsilon-in-corrected-root", "below", "v small c2", lambda v, e, c: np.sqrt(v + e * c),
          "sqrt(v / (1 - beta2^t) + epsilon)", "of the corrected v, with epsilon inside the root"),
        m("times-epsilon", "below", "v added", lambda v, e: np.sqrt(v) * e, "sqrt(v) * epsilon", "times for plus"),
        m("no-epsilon", "small", "", lambda: 0.0, "0", "so that a gradient of 0 is divided by 0"),
        m("no-root", "below", "v added", np.add, "v + epsilon", "without the root"),
        m("g-for-m", "new_p", "p rate g below", lambda p, r, g, b: p - r * g / b, "p - rate * g / (sqrt(v) + epsilon)",
          "with the gradient in place of m"),
        m("uphill", "new_p", "p rate m below", lambda p, r, m, b: p + r * m / b,
          "p + rate * m / (sqrt(v) + epsilon)", "along the gradient and not against it", "notes-gradient-direction"),
        m("nothing-changes", "new_p", "p", same, "p", "the parameters are not changed"),
        m("fixed-rate", "rate", "c1 c2", lambda a, b: 0.001 * np.sqrt(b) / a,
          "0.001 * sqrt(1 - beta2^t) / (1 - beta1^t)", "whatever lr is"),
        once(m, "m and v", "rate m below", lambda p, r, m, b: p - r * m / b, ""),
    ]  # fmt: skip
    torch = {"added": step("small c2", lambda e, c: e * np.sqrt(c), "epsilon")}
    alike = (
        epsilons((1e-8, 1e-6, 1e-10, 1e-12)),
        (("epsilon is added to the root of the corrected v, as in the article's algorithm and in PyTorch", torch),),
    )
    given = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}
    return optimizer("Adam", steps, mistakes, given, ("adamoptimizer",), alike)


def _exchanged():
    """beta1 and beta2 exchanged in all places."""
    return mistake(
        "betas-exchanged", "beta1 and beta2 are exchanged", "m should decay by beta1, and v by beta2",
        m=("beta2 last_m g", moving), v=("beta1 last_v square", moving),
        c1=("beta2 t", lambda b, t: 1 - b**t), c2=("beta1 t", lambda b, t: 1 - b**t),
    )  # fmt: skip


OPTIMIZERS = (_sgd(), _momentum(), _nesterov(), _adagrad(), _rmsprop(), _adam())
