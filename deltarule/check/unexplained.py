"""What is known of a port that no mistake explains: from which update on it is wrong, where, and by which factor.

The port is asked for single updates: each sample alone, from each start. One that takes all samples and no fewer gets
them with targets that are what the network gives, but for the last: then nothing changes before it.
"""

from dataclasses import dataclass, replace

import numpy as np

from .compare import TOLERANCE, deviation
from .errors import CheckError
from .factors import factor
from .forms import Run
from .looks import of_listing, of_port
from .steps import causes, plan, run

MANY = 100_000  # numbers in the samples, from which on a port is too slow to be asked for more than one update
STEPS = 100  # epochs between two looks, up to which each is looked at
ALL_RIGHT = "each sample alone is trained right: what differs is their order, or what one update leaves to the next"
NOT_TOLD = ("new_", "xs", "ds", "updates", "kept", "count")  # quantities that are none of the page's


@dataclass(frozen=True)
class Update:
    """One update by a port, and as it should be.

    Attributes
    ----------
    sample : int
        The number of its sample or batch, from 1.
    start : str
    changes, right : dict from str to array
        By weight.
    wrong : tuple of str
        The weights whose change is off.
    known : dict
        The quantities of the update as it should be.
    """

    sample: int
    start: str
    changes: dict
    right: dict
    wrong: tuple
    known: dict


def unexplained(form, port, first, looks):
    """What is known of a port that no mistake explains, as sentences.

    Parameters
    ----------
    form : Form
        The listing's.
    port : Port
    first : Looks
        Of the port's first update, or of its first epoch if it takes no fewer samples.
    looks : list of Looks
        Of the port from each start.

    Returns
    -------
    list of str
    """
    whole = looks[0].subject
    alone = len(first.subject.X) < len(whole.X) or len(Run(form, whole.X, whole.D, whole.rng).updates) == 1
    few = hasattr(port, "train") or whole.X.size > MANY
    updates = single_updates(form, port, first, looks, alone, few)
    wrong, where = [u for u in updates if u.wrong], [] if few else _from_where(form, port, looks, alone)
    if not wrong:
        return [*where, ALL_RIGHT] if updates else where
    said = where
    if len(wrong) < len(updates):
        said.append(f"of the samples alone, {_named(wrong)} {'is' if len(wrong) == 1 else 'are'} trained wrong")
    names = [W for W in form.weights if any(W in update.wrong for update in wrong)]
    said += [f"the change of {W} {factor([u for u in wrong if W in u.wrong], W)}" for W in names]
    return said + _quantities(form, names, _quiet(form, port, first))


def single_updates(form, port, first, looks, alone, few):
    """The updates by each sample alone, from each start; the first alone if few are wanted."""
    found = []
    for subject in [looks[0].subject] if few else [look.subject for look in looks]:
        count = len(Run(form, subject.X, subject.D, subject.rng).updates)
        for k in range(1 if few and alone else count):
            found.append(update(form, port, last_of(form, subject, k, count, alone), k + 1))
    return [each for each in found if each]


def last_of(form, subject, k, count, alone):
    """The subject of one update by batch k: that batch alone, or with targets before it that change nothing.

    Where targets are digits, which no output is, the updates before it change the weights, too.
    """
    n = len(subject.X) // count
    batch = np.arange(k * n, (k + 1) * n)
    if alone:
        return replace(subject, X=subject.X[batch], D=subject.D[batch], epochs=(1,))
    order = np.append(np.delete(np.arange(count * n), batch), batch)
    moved = replace(subject, X=subject.X[order], D=subject.D[order], epochs=(1,))
    D = outputs(form, moved)
    if D is not None:
        D[-n:] = moved.D[-n:]
        moved = replace(moved, D=D)
    return moved


def outputs(form, subject):
    """What the network gives for each sample, as targets; None where targets are digits."""
    if subject.D.dtype.kind != "f":
        return None
    return np.vstack([known["y"].T for known in _each(form, subject)]).reshape(subject.D.shape)


def _each(form, subject):
    """The quantities of each update of the first epoch, if none of them changed the weights."""
    begun, rng = Run(form, subject.X, subject.D, subject.rng), subject.rng
    wanted = [*form.news, *["new_rng"] * form.random]
    for x, d in begun.updates:
        given = {**begun.known, **begun.state, **dict(zip(form.weights, subject.weights, strict=True))}
        known = {**given, "X": subject.X, "D": subject.D, "x": x, "d": d, "rng": rng}
        rng = run(plan(form.steps, wanted, known), known).get("new_rng")
        yield known


def update(form, port, subject, sample):
    """The `Update` of a subject whose last update alone changes anything; None if the port refuses it."""
    try:
        mine, starts = of_port(port, subject).weights[1], subject.weights
    except CheckError:
        return None
    right = Run(form, subject.X, subject.D, subject.rng).epoch(starts)
    wrong = [W for W, a, b, c in zip(form.weights, mine, right, starts, strict=True) if deviation(a, b, c) > TOLERANCE]
    changes = {W: a - c for W, a, c in zip(form.weights, mine, starts, strict=True)}
    should = {W: b - c for W, b, c in zip(form.weights, right, starts, strict=True)}
    *_, known = _each(form, subject)
    return Update(sample, subject.name, changes, should, tuple(wrong), known)


def _named(wrong):
    numbers = [str(number) for number in sorted({update.sample for update in wrong})]
    samples = f"samples {', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else f"sample {numbers[0]}"
    starts = sorted({update.start for update in wrong})
    return samples if len(starts) > 1 else f"{samples} from {starts[0]}"


def _from_where(form, port, looks, alone):
    """From which update of the first epoch on the port is wrong, or from which epoch on; at most one sentence."""
    subject = looks[0].subject
    count = len(Run(form, subject.X, subject.D, subject.rng).updates)
    n = len(subject.X) // count
    for k in range(1, count + 1) if alone else ():
        those = replace(subject, X=subject.X[: k * n], D=subject.D[: k * n], epochs=(1,))
        trained = update(form, port, those, k)
        if trained and trained.wrong:
            if k == 1:
                return ["it is wrong from the first update on"]
            are = "update is" if k == 2 else f"{k - 1} updates are"
            return [f"from {subject.name} the first {are} right, and that by sample {k} is not"]
    return _from_epoch(port, looks)


def _from_epoch(port, looks):
    """From which epoch on the port is wrong; nothing if that is the first one."""
    for look in looks:
        right = of_listing(port.listing, look.subject, tuple(look.weights))
        before = 0
        for epoch in look.weights:
            if _off(look, right, epoch):
                return _between(port, look.subject, before, epoch)
            before = epoch
    return []


def _off(mine, right, epoch):
    three = zip(mine.weights[epoch], right.weights[epoch], mine.subject.weights, strict=True)
    return any(not deviation(a, b, c) <= TOLERANCE for a, b, c in three)


def _between(port, subject, fine, wrong):
    """The sentence on a port that is right after some epochs and wrong after others."""
    if wrong == 1:
        return [] if subject.name == "the listing's start" else [f"from {subject.name} it is wrong in the first epoch"]
    if wrong - fine <= STEPS:
        every = replace(subject, epochs=tuple(range(fine + 1, wrong + 1)))
        mine = of_port(port, every)
        right = of_listing(port.listing, subject, tuple(mine.weights))
        wrong = next(epoch for epoch in mine.weights if _off(mine, right, epoch))
        fine = wrong - 1
    first = f"the first {'epoch is' if fine == 1 else f'{fine} epochs are'} right"
    last = "the next is not" if wrong == fine + 1 else f"by {wrong} epochs it is wrong"
    return [f"from {subject.name} {first}, and {last}: it keeps something between calls, or does otherwise what comes "
            "up only later"]  # fmt: skip


def _quiet(form, port, first):
    """Whether the port changes nothing where the targets are the outputs; None where that cannot be asked."""
    D = outputs(form, first.subject)
    if D is None:
        return None
    try:
        mine = of_port(port, replace(first.subject, D=D, epochs=(1,))).weights[1]
    except CheckError:
        return None
    return all(abs(a - b).max() <= TOLERANCE * abs(b).max() for a, b in zip(mine, first.subject.weights, strict=True))


def _quantities(form, wrong, quiet):
    """Which of the listing's quantities would have to differ."""
    between = set.intersection(*(causes(form.steps, f"new_{W}") for W in wrong))
    between -= set().union(*(causes(form.steps, f"new_{W}") for W in form.weights if W not in wrong))
    said = []
    if quiet and "y" in between:
        between -= causes(form.steps, "y")
        said.append("where the targets are the outputs nothing changes, as it should be: y is right")
    elif quiet is False:
        said.append("where the targets are the outputs, so that e is 0, it changes weights all the same")
    told = [name for name in form.steps if name in between and not name.startswith(NOT_TOLD)]
    if told:
        more = ", or more than one" if len(told) > 1 else ""
        said.append(f"what would have to differ is {'one of ' * (len(told) > 1)}{', '.join(told)}{more}")
    elif len(wrong) > 1:
        said.append(f"what would have to differ is more than one of the steps to {' and '.join(wrong)}")
    return said
