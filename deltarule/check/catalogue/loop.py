"""Mistakes in the loop around the listing's body: constants, batches, order, momentum."""

from operator import add

from ..listings import constant, cut
from ..steps import step
from .mistake import Mistake, otherwise

RATES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.8, 0.9)


def rates(form, alpha):
    """Another learning rate."""
    found = [
        Mistake(f"alpha-{value:g}", f"alpha is {value:g}", {"alpha": constant(value)}, f"alpha should be {alpha:g}")
        for value in RATES
        if value != alpha
    ]
    squared = {"alpha": constant(alpha * alpha)}
    found.append(Mistake("alpha-squared", "alpha is taken twice in every change", squared, "it should be taken once"))
    missing = {"alpha": constant(1.0)}
    found.append(Mistake("no-alpha", "alpha is left out of every change, or is 1", missing, f"it is {alpha:g}"))
    minus = {"alpha": constant(-alpha)}
    found.append(Mistake("sign-of-update", "the changes are taken off the weights", minus, "they should be added"))
    return found


def whole(n):
    """The step ``n`` and ``updates`` for one update a pass, whose sum is divided by so many: None for all samples."""
    averaged = step("x", lambda x: x.shape[-1] if n is None else n)
    return {"updates": step("xs ds", cut(None)), "n": averaged}


def single_samples(form):
    """Otherwise than one update a sample, in order."""
    should = "the weights should change after each sample, in order"
    updates = form.steps["updates"].function

    def taken(id, says, those):
        steps = {"updates": step("xs ds", lambda xs, ds: those(updates(xs, ds)))}
        return Mistake(id, says, steps, should)

    return [
        Mistake("sum-a-pass", "there is one update a pass, by the sum of the changes of all samples", whole(1), should),
        Mistake("mean-a-pass", "there is one update a pass, by the mean of the changes", whole(None), should),
        taken("first-alone", "only the first sample is trained", lambda pairs: pairs[:1]),
        taken("last-alone", "only the last sample is trained", lambda pairs: pairs[-1:]),
        taken("first-left-out", "the first sample is left out", lambda pairs: pairs[1:]),
        taken("last-left-out", "the last sample is left out", lambda pairs: pairs[:-1]),
        taken("backwards", "the samples are taken from the last to the first", lambda pairs: pairs[::-1]),
        taken("pass-twice", "each call trains two passes over the samples", lambda pairs: pairs + pairs),
        taken("each-twice", "each sample is trained twice", lambda pairs: [p for p in pairs for _ in range(2)]),
    ]


def divided_by_all(form):
    """Changes of single samples divided by the number of all."""
    count = {"n": step("count", lambda count: count), "count": step("xs", len)}
    return [Mistake("divided-by-N", "each sample's change is divided by N", count, "it should be added as it is")]


def batches(form, size):
    """Otherwise than averages over batches."""
    said = "all samples" if size is None else f"batches of {size}"
    should = f"the changes should be averaged over {said}"

    def cut_to(id, other, says, n=None):
        steps = {"updates": step("xs ds", cut(other))}
        if n is not None:
            steps["n"] = step("", lambda: n)
        return Mistake(id, says, steps, should)

    found = [Mistake("sum-for-mean", "the changes of a batch are added up", {"n": step("", lambda: 1)}, should)]
    less = {"n": step("x", lambda x: max(x.shape[-1] - 1, 1))}
    found.append(Mistake("mean-by-one-less", "the sum is divided by one less than the number of samples", less, should))
    if size != 1:
        found.append(cut_to("one-by-one", 1, "the weights change after each sample"))
    if size is None:
        found.append(
            cut_to("one-by-one-divided", 1, "the weights change after each sample, by its share of the mean", 4)
        )
        found.append(_first_batch("half", "only the first half of the samples is in the mean", should, None))
    else:
        found.append(Mistake("one-batch", "all samples are one batch", {"updates": step("xs ds", cut(None))}, should))
        count = {"n": step("count", lambda count: count), "count": step("xs", len)}
        found.append(Mistake("divided-by-N", "the sum over a batch is divided by the number of all", count, should))
        found.append(_first_batch("first-batch", "only the first batch is trained", should, size))
    return found


def _first_batch(id, says, should, size):
    def first(xs, ds):
        n = max(len(xs) // 2, 1) if size is None else size
        return cut(n)(xs, ds)[:1]

    return Mistake(id, says, {"updates": step("xs ds", first)}, should)


def partial_batch(form, size):
    """The incomplete last batch taken as well."""

    def updates(xs, ds):
        rest = len(xs) % size
        whole = cut(size)(xs, ds)
        return [*whole, *cut(rest)(xs[-rest:], ds[-rest:])] if rest else whole

    should = "it should be left out, as 1:bsize:(N - bsize + 1) does"
    return [
        Mistake(
            "partial-batch", "the incomplete last batch is trained too", {"updates": step("xs ds", updates)}, should
        )
    ]


def momentum(form, beta):
    """The momentum m = dW + beta m, W = W + m."""
    names = [W[1:] for W in form.weights]
    found = []

    def everywhere(id, needs, function, text, remark):
        steps = {f"m{k}": step(needs.format(k=k), function, text.format(k=k)) for k in names}
        says = f"the momentum is {text.format(k=names[0])}, {remark}"
        found.append(Mistake(id, says, steps, f"it should be {form.steps[f'm{names[0]}'].text}"))

    last = "last_m{k}"
    everywhere("momentum-subtracted", f"dW{{k}} beta {last}", lambda dW, b, m: dW - b * m, "dW{k} - beta*m{k}",
               "subtracted")  # fmt: skip
    everywhere("no-momentum", "dW{k}", lambda dW: dW, "dW{k}", "without the momentum before")
    everywhere("momentum-averaged", f"dW{{k}} beta {last}", lambda dW, b, m: (1 - b) * dW + b * m,
               "(1 - beta)*dW{k} + beta*m{k}", "an average")  # fmt: skip
    everywhere("momentum-undamped", f"dW{{k}} {last}", lambda dW, m: dW + m, "dW{k} + m{k}", "without beta")
    everywhere("momentum-of-change", f"dW{{k}} beta {last}", lambda dW, b, m: b * (dW + m), "beta*(dW{k} + m{k})",
               "with beta outside of the sum")  # fmt: skip
    for k in names:
        found.append(otherwise(form, f"no-momentum-{k}", f"m{k}", f"dW{k}", lambda dW: dW, f"dW{k}",
                               "without the momentum before"))  # fmt: skip
    nesterov = {
        f"new_W{k}": step(f"W{k} dW{k} beta m{k}", lambda W, dW, b, m: W + dW + b * m, f"W{k} + dW{k} + beta*m{k}")
        for k in names
    }
    found.append(Mistake("nesterov", "the update is dW + beta*m of the new m, which is Nesterov's", nesterov,
                         "it should be the momentum m itself"))  # fmt: skip
    both = {f"new_W{k}": step(f"W{k} dW{k} m{k}", lambda W, dW, m: add(W + dW, m)) for k in names}
    found.append(Mistake("change-and-momentum", "both the change and the momentum are added", both,
                         "the momentum alone should be added, which holds the change"))  # fmt: skip
    kept = {"kept": step("", lambda: True)}
    found.append(Mistake("momentum-kept", "the momentum stays from one call to the next", kept,
                         "it should begin at 0 in every call"))  # fmt: skip
    found += other_betas(form, beta)
    return found


def momentum_added(form, several_updates=True):
    """A momentum in a listing that has none; where an epoch is one update, it is seen only if it stays."""
    names, steps = [W[1:] for W in form.weights], {"beta": constant(0.9)}
    for k in names:
        steps[f"m{k}"] = step(f"dW{k} beta last_m{k}", lambda dW, b, m: dW + b * m, f"dW{k} + beta*m{k}")
        steps[f"new_W{k}"] = step(f"W{k} m{k}", add, f"W{k} + m{k}")
    says, should = "each update adds 0.9 times the one before, a momentum", "the change alone should be added"
    kept = {**steps, "kept": step("", lambda: True)}
    begun_anew = Mistake("with-momentum", f"{says} that begins at 0 in every call", steps, should)
    stays = Mistake("with-kept-momentum", f"{says} that stays from one call to the next", kept, should)
    return [begun_anew, stays] if several_updates else [stays]


def other_betas(form, beta):
    """Another share of the momentum."""
    values = [b for b in (0.5, 0.8, 0.9, 0.95, 0.99) if b != beta]
    return [Mistake(f"beta-{b:g}", f"beta is {b:g}", {"beta": constant(b)}, f"beta should be {beta:g}") for b in values]


def exchanged(form, alpha, beta):
    """Learning rate and share of the momentum exchanged."""
    if alpha == beta:
        return []
    steps = {"alpha": constant(beta), "beta": constant(alpha)}
    return [
        Mistake("alpha-beta-exchanged", "alpha and beta are exchanged", steps, f"alpha is {alpha:g}, beta {beta:g}")
    ]
