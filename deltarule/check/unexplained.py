"""What is known of a port that no mistake explains: from which update on it is wrong, where, and by which factor.

The port is asked for single updates: each sample alone, from each start. One that takes all samples and no fewer gets
them with targets that are what the network gives, but for the last: then nothing changes before it.
"""

from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from .compare import TOLERANCE, deviation
from .errors import CheckError
from .factors import factor
from .forms import Run
from .looks import of_listing, of_port
from .steps import causes, plan, run

MANY = 100_000  # numbers in the samples, from which on a port is too slow to be asked for more than one update
TIMES = 6  # that a port is asked for the same: a random order of four samples is as likely as 1 in 24 that of before
STEPS = 100  # epochs between two looks, up to which each is looked at
ALL_RIGHT = "each sample alone is trained right: what differs is their order, or what one update leaves to the next"
FIRST_RIGHT = "the first update is right: what differs is a later one, or what one update leaves to the next"
IGNORES = "it gives the same weights whatever weights it is given: it trains others, which it keeps itself"
DRAWS = "it gives other weights each time from the same ones: it draws random numbers, and the listing draws none"
DRAWS_MORE = "it gives other weights each time from the same ones: it draws random numbers beside those of its rng"
LATER = "it keeps something between calls, or does otherwise what comes up only later"
QUIET = "where the targets are the outputs nothing changes, as it should be: y is right"
NOT_QUIET = "where the targets are the outputs, so that e is 0, it changes weights all the same"
NOT_TOLD = ("new_", "xs", "ds", "updates", "kept", "count")  # quantities that are none of the page's


def unexplained(form, port, first, looks, tolerance=TOLERANCE):
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
    tolerance : float
        The deviation up to which weights agree.

    Returns
    -------
    list of str
    """
    asked = Inquiry(form, port, first, looks, tolerance)
    if asked.draws():
        return [DRAWS_MORE if form.random else DRAWS]
    if asked.ignores():
        return [IGNORES]
    updates = asked.updates()
    wrong, said = [update for update in updates if update.wrong], asked.from_where()
    if not wrong:
        return [*said, *[FIRST_RIGHT if asked.few else ALL_RIGHT] * bool(updates)]
    if len(wrong) < len(updates):
        said.append(f"of the samples alone, {_named(wrong)} trained wrong")
    names = [W for W in form.weights if any(W in update.wrong for update in wrong)]
    where = " in the first update" if asked.few else ""  # no other has been asked for
    said += [f"the change of {W}{where} {factor([u for u in wrong if W in u.wrong], W, tolerance)}" for W in names]
    return said + _quantities(form, names, asked.quiet())


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


class Inquiry:
    """What a port is asked, with the arguments of `unexplained`.

    Attributes
    ----------
    size : int
        The samples of one update.
    alone : bool
        Whether the port takes those of one update alone.
    few : bool
        Whether it is slow, or a process of its own for each call, so that it is asked for one update.
    """

    def __init__(self, form, port, first, looks, tolerance):
        self.form, self.port, self.first, self.looks, self.tolerance = form, port, first, looks, tolerance
        whole = looks[0].subject
        self.count = self._count(whole)
        self.size = len(whole.X) // self.count
        self.alone = len(first.subject.X) < len(whole.X) or self.count == 1
        self.few = hasattr(port, "train") or whole.X.size > MANY

    def _count(self, subject):
        return len(Run(self.form, subject.X, subject.D, subject.rng).updates)

    def updates(self):
        """The updates by each sample alone, from each start; one of them where few are wanted."""
        found = []
        for subject in [look.subject for look in self.looks][: 1 if self.few else None]:
            for k in range(1 if self.few else self._count(subject)):
                found.append(self.update(self.only(subject, k), k + 1))
        return [update for update in found if update]

    def only(self, subject, k):
        """The subject of one update, by batch k: that batch alone, or with targets before it that change nothing.

        Where targets are digits, which no output is, the updates before it change the weights, too.
        """
        batch = np.arange(k * self.size, (k + 1) * self.size)
        if self.alone:
            return replace(subject, X=subject.X[batch], D=subject.D[batch])
        rest = np.setdiff1d(np.arange(self._count(subject) * self.size), batch)
        order = np.append(rest, batch)
        moved = replace(subject, X=subject.X[order], D=subject.D[order])
        D = outputs(self.form, moved)
        return moved if D is None else replace(moved, D=np.concatenate([D[: len(rest)], moved.D[len(rest) :]]))

    def update(self, subject, sample):
        """The `Update` of a subject whose last update alone changes anything; None if the port refuses it."""
        names, starts = self.form.weights, subject.weights
        try:
            mine = self.once(subject)
        except CheckError:
            return None
        right = Run(self.form, subject.X, subject.D, subject.rng).epoch(starts)
        off = [not deviation(a, b, c) <= self.tolerance for a, b, c in zip(mine, right, starts, strict=True)]
        changes = {W: a - c for W, a, c in zip(names, mine, starts, strict=True)}
        should = {W: b - c for W, b, c in zip(names, right, starts, strict=True)}
        wrong = tuple(W for W, it_is in zip(names, off, strict=True) if it_is)
        *_, known = quantities(self.form, subject)
        return Update(sample, subject.name, changes, should, wrong, known)

    def once(self, subject):
        """The weights of the port after one call."""
        self.port.begin()
        return self.port(subject.weights, subject.X, subject.D, copy(subject.rng))

    def draws(self):
        """Whether the port gives other weights from the same ones, of a few times; False where it refuses them."""
        subject = self.looks[0].subject
        try:
            first, *others = (self.once(subject) for _ in range(2 if self.few else TIMES))
        except CheckError:
            return False
        each = ((a, b, c) for other in others for a, b, c in zip(other, first, subject.weights, strict=True))
        return not all(deviation(a, b, c) <= self.tolerance for a, b, c in each)

    def ignores(self):
        """Whether the port gives the same weights from two starts, as one does that has its own."""
        subject = self.looks[0].subject
        try:
            one, other = (self.once(replace(subject, weights=look.subject.weights)) for look in self.looks[:2])
        except CheckError:
            return False
        return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))

    def quiet(self):
        """Whether the port changes nothing where the targets are the outputs; None where that cannot be asked."""
        subject = self.first.subject
        D = outputs(self.form, subject)
        if D is None:
            return None
        try:
            mine = self.once(replace(subject, D=D))
        except CheckError:
            return None
        return all(
            abs(a - b).max() <= self.tolerance * abs(b).max() for a, b in zip(mine, subject.weights, strict=True)
        )

    def from_where(self):
        """From which update of the first epoch on the port is wrong, or from which epoch on: one sentence at most."""
        subject = self.looks[0].subject
        for k in range(1, self.count + 1) if self.alone and not self.few else ():
            n = k * self.size
            trained = self.update(replace(subject, X=subject.X[:n], D=subject.D[:n]), k)
            if trained and trained.wrong:
                if k == 1:
                    return ["it is wrong from the first update on"]
                are = "update is" if k == 2 else f"{k - 1} updates are"
                return [f"from {subject.name} the first {are} right, and that by sample {k} is not"]
        for look in self.looks:
            fine = 0
            for epoch, off in self._off(look):
                if off:
                    return self._between(look.subject, fine, epoch)
                fine = epoch
        return []

    def _off(self, mine):
        """By epoch, whether a port is off."""
        right = of_listing(self.port.listing, mine.subject, tuple(mine.weights))
        for epoch, weights in mine.weights.items():
            three = zip(weights, right.weights[epoch], mine.subject.weights, strict=True)
            yield epoch, any(not deviation(a, b, c) <= self.tolerance for a, b, c in three)

    def _between(self, subject, fine, wrong):
        """The sentence on a port that is right after some epochs and wrong after others."""
        if wrong == 1:
            return [f"from {subject.name} it is wrong in the first epoch"] * (subject is not self.looks[0].subject)
        if wrong - fine <= STEPS and not self.few:
            every = of_port(self.port, replace(subject, epochs=tuple(range(1, wrong + 1))))
            wrong = next(epoch for epoch, off in self._off(every) if off)
            fine = wrong - 1
        first = f"the first {'epoch is' if fine == 1 else f'{fine} epochs are'} right"
        last = "the next is not" if wrong == fine + 1 else f"by {wrong} epochs it is wrong"
        return [f"from {subject.name} {first}, and {last}: {LATER}"]


def quantities(form, subject):
    """The quantities of each update of the first epoch, as if none of them changed the weights; a generator of dict."""
    begun, rng = Run(form, subject.X, subject.D, subject.rng), subject.rng
    wanted = [*form.news, *["new_rng"] * form.random]
    for x, d in begun.updates:
        given = {**begun.known, **begun.state, **dict(zip(form.weights, subject.weights, strict=True))}
        known = {**given, "X": subject.X, "D": subject.D, "x": x, "d": d, "rng": rng}
        yield run(plan(form.steps, wanted, known), known)
        rng = known.get("new_rng")


def outputs(form, subject):
    """What the network gives for each sample, as targets; None where targets are digits."""
    if subject.D.dtype.kind != "f":
        return None
    found = np.vstack([known["y"].T for known in quantities(form, subject)])
    return found.reshape(-1, *subject.D.shape[1:])


def _named(wrong):
    numbers = [str(number) for number in sorted({update.sample for update in wrong})]
    samples = f"samples {', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else f"sample {numbers[0]}"
    starts = sorted({update.start for update in wrong})
    return f"{samples}{f' from {starts[0]}' * (len(starts) == 1)} {'are' if len(numbers) > 1 else 'is'}"


def _quantities(form, wrong, quiet):
    """Which of the listing's quantities would have to differ, where some weights' changes are wrong."""
    between = set.intersection(*(causes(form.steps, f"new_{W}") for W in wrong))
    between -= set().union(*(causes(form.steps, f"new_{W}") for W in form.weights if W not in wrong))
    said = []
    if quiet and "y" in between:
        between -= causes(form.steps, "y")
        said.append(QUIET)
    elif quiet is False:
        said.append(NOT_QUIET)
    told = [name for name in form.steps if name in between and not name.startswith(NOT_TOLD)]
    if not told:
        return [*said, f"what would have to differ is more than one of the steps to {' and '.join(wrong)}"]
    several = f"one for each of {' and '.join(wrong)}" if len(wrong) > 1 else "more than one"
    more = f"one of {', '.join(told)}, or {several}" if len(told) + len(wrong) > 2 else told[0]
    return [*said, f"what would have to differ is {more}"]
