"""The check of weights that a run ended with: whether a listing comes to them, else which mistake does.

The listing itself is tried first, then wrong starts, each mistake of the catalogue, and mistakes from wrong starts.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from ... import matlab
from ...listings.experiments import EXPERIMENTS
from ..catalogue import mistakes
from ..catalogue.mistake import Mistake
from ..catalogue.start import GATES, data_mistakes, others, right, shown, starts
from ..checking import float32_tolerance
from ..compare import ROUNDING, TOLERANCE
from ..difference import first_difference
from ..errors import CheckError
from ..finding import Finding
from ..listings import LISTINGS, constant
from ..looks import Agreement, Looks
from ..rates import WITHIN
from ..search import Reason, variant
from ..subjects import Subject
from ..told import RIGHT, WRONG
from . import reading
from .order import in_order, in_place, order
from .search import Target, search

CONSTANTS = ("alpha", "beta", "ratio")  # that our scripts are told, and write beside the weights
REORDERED = "the hidden nodes are in another order than the listing's: it is the same network"
PASSES = 3  # an epoch may be trained so many times in a call, which a mistake of the catalogue explains as well
PAIRS = 3e6  # pairs of mistakes, times updates: 5,000 pairs for 150 epochs of four samples take half a minute
NETWORKS = 4e10  # weights, times updates, of mistakes from wrong starts: some minutes


@dataclass
class Case:
    """Weights as those of one script, with the right start and what is known of the run.

    Attributes
    ----------
    weights : deltarule.check.weight_reading.Weights
    form : Form
    samples : tuple of array
    start : Start
        The right one.
    generator : str
    told_seed, told_epochs : bool
    target : Target
    notes : list of str
    tried : list of str
        What was tried and does not come to the weights.
    lost : set of str
        Mistakes of which weights can tell nothing.
    """

    weights: object
    form: object
    samples: tuple
    start: object
    generator: str
    told_seed: bool
    told_epochs: bool
    target: Target
    notes: list
    tried: list
    lost: set
    last: tuple = ()

    @property
    def script(self):
        """The script whose run it is."""
        return self.weights.script

    @property
    def moved(self):
        """Whether it is told what rounding does: not of the convolutional network, which takes minutes an epoch."""
        return self.weights.listing != "mnist_conv"

    @property
    def begin(self):
        """What the starts of the script are drawn from, as arguments."""
        return self.script, self.start.seed, self.generator, self.weights.shapes

    @property
    def updates(self):
        """How many updates the run makes."""
        size = EXPERIMENTS[self.script].batch_size or len(self.samples[0])
        return self.target.epochs * (len(self.samples[0]) // size)


def check_file(path, listing=None, seed=None, epochs=None, *, thorough=False, name=None):
    """Say whether weights in a file are those of a listing, and if not, which mistake comes to them.

    Parameters
    ----------
    path : str or path
        Of a .mat file (``save -v7``), a .npz file, a .npy file of one matrix, or a .csv file with a matrix a block. A
        script's ``--save`` writes beside the weights what the run was.
    listing : str, optional
        Its name, ours or the book's; told by the file, or by the names and shapes of the weights, when None.
    seed : int or "default", optional
        What the start was drawn from. When None and the file does not tell, those that people take are tried.
    epochs : int, optional
        How many were trained; as the file tells, or the listing's own number, when None.
    thorough : bool
        Whether to look at every pair of mistakes, from every start, however long that takes.
    name : str, optional
        What the finding calls the file; its name when None.

    Returns
    -------
    Finding

    Raises
    ------
    CheckError
        If the file is missing or damaged, or holds no finite weights of a listing, or an argument is wrong.

    Examples
    --------
    >>> import os, tempfile
    >>> from deltarule import matlab
    >>> file = os.path.join(tempfile.mkdtemp(), "weights.mat")
    >>> W = EXPERIMENTS["delta_sgd"].epoch(*[right("delta_sgd", 3).weights], *EXPERIMENTS["delta_sgd"].samples())
    >>> matlab.save(file, {"W": W[0]})
    >>> print(check_file(file, "delta_sgd", seed=3, epochs=1).verdict)
    RIGHT
    """
    content = reading.read(path)
    cases = [_case(content, found, seed, epochs) for found in reading.weights(content, listing)]
    name = name or Path(path).name
    for stage in STAGES:
        found = [stage(case, len(cases) > 1, thorough) for case in cases]
        findings = [each for each in found if each is not None]
        findings = [each for each in findings if each.right] or findings
        if findings:
            return _told(findings, cases, name)
    return _not_found(cases, name)


def _told(findings, cases, name):
    """The first finding; where several listings fit, that is said."""
    notes = findings[0].notes
    if len(cases) > 1:
        fitting = ", ".join(case.script for case in cases)
        also = [f.listing for f in findings[1:]]
        notes = (f"the weights fit {fitting} by their shapes: {findings[0].listing} explains them"
                 + (f", and so does {' and '.join(also)}" if also else ""), *notes)  # fmt: skip
    return replace(findings[0], port=name, notes=notes)


# What a run was


def _case(content, found, seed, epochs):
    """What a file and the arguments tell of a run."""
    script, experiment = found.script, EXPERIMENTS[found.script]
    generator = reading.told(content, "generator") or "twister"
    told_seed = _seed(seed if seed is not None else reading.told(content, "seed"), content.path, generator)
    told_epochs = _epochs(epochs if epochs is not None else reading.told(content, "epochs"), content.path)
    if reading.told(content, "loaded"):
        loaded = content.named["loaded"]
        raise CheckError(f"the run of {content.path} started from the weights in {loaded}: it has no start to try")
    form, notes = _form(content, LISTINGS[found.listing])
    start = right(script, experiment.seed if told_seed is None else told_seed, generator, found.shapes)
    single = any(W.dtype == np.float32 for W in found.weights)
    count = told_epochs or experiment.epochs
    tolerance = float32_tolerance(found.listing)(count) if single else TOLERANCE
    target = Target(tuple(W.astype(np.float64) for W in found.weights), found.units, count, tolerance)
    notes = [*found.notes, *notes, *["computed or stored in float32"] * single]
    told = (told_seed is not None, told_epochs is not None)
    return Case(found, form, experiment.samples(), start, generator, *told, target, notes, [], set())


def _seed(seed, path, generator):
    if seed is None or seed == "default":
        return seed
    if not _whole(seed):
        raise CheckError(f'seed must be a whole number or "default", not {seed!r} ({path})')
    try:
        matlab.rng(int(seed), generator)
    except (TypeError, ValueError) as error:
        raise CheckError(f"{error} ({path})") from None
    return int(seed)


def _epochs(epochs, path):
    if epochs is None:
        return None
    if not _whole(epochs) or epochs < 1:
        raise CheckError(f"epochs must be a whole number of 1 or more, not {epochs!r} ({path})")
    return int(epochs)


def _whole(value):
    """Whether a value is a whole number, as which files hold floats too."""
    number = isinstance(value, int | float | np.integer) and not isinstance(value, bool)
    return number and float(value).is_integer()


def _form(content, form):
    """The form with the constants that the file tells."""
    notes = []
    for name in CONSTANTS:
        value = reading.told(content, name)
        if isinstance(value, int | float) and name in form.steps and value != form.steps[name].function():
            form = form.changed({name: constant(value)})
            notes.append(f"{name} is {value:g}, as the file tells")
    return form, notes


# The stages of the search


def _right(case, several, thorough):
    """The listing itself, from the start that is told, or the script's own."""
    called = f"{case.script} as it should be"
    found = search(case.form, [{}], case.samples, [case.start], case.target, called, case.moved)
    case.last = found.last.get(0, ())
    case.tried.append("the listing from the right start, after each of the epochs")
    if not found.hits:
        return None
    return _of_the_listing(case, case.start, found.hits[0])


def _of_the_listing(case, start, hit):
    """The finding of the listing's own weights: right, but where another number of epochs is told, or none trained."""
    count = _nearest(case, hit)
    if count == case.target.epochs or (count and not case.told_epochs):
        return _finding(case, RIGHT, start, hit)
    return _finding(case, WRONG, start, hit, [_reason(case, (), hit)])


def _other_order(case, several, thorough):
    """The listing itself, with its hidden nodes numbered otherwise: the same network."""
    if not case.last or case.weights.listing == "mnist_conv":
        return None
    places = order(case.target.weights, case.last)
    return None if in_place(places) else _right(_in_order(case, places), several, thorough)


def _in_order(case, places):
    """A case whose hidden nodes are put into the listing's order, which is said."""
    target = case.target
    units = [np.broadcast_to(u, W.shape) for u, W in zip(target.units, target.weights, strict=True)]
    put = replace(target, weights=in_order(target.weights, places), units=in_order(units, places))
    return replace(case, target=put, notes=[*case.notes, REORDERED])


def _more_epochs(case, several, thorough):
    """The listing itself, trained a few times as long as is told.

    A mistake may come to the same, as where each call trains two passes: it is told as well.
    """
    found = _longer(case, PASSES * case.target.epochs)
    if not found:
        return None
    other = _one_mistake(case, several, thorough)
    return replace(found, reasons=(*found.reasons, *(other.reasons if other else ())))


def _many_more_epochs(case, several, thorough):
    """The listing itself, trained as long as the script trains it: after single mistakes, as it may take a minute."""
    most = EXPERIMENTS[case.script].epochs
    return _longer(case, most) if most > PASSES * case.target.epochs else None


def _longer(case, epochs):
    """The finding of the listing itself after more epochs than are told, up to so many or the script's; or None."""
    epochs = min(epochs, EXPERIMENTS[case.script].epochs)
    if not case.told_epochs or epochs <= case.target.epochs + 1:
        return None
    case.tried.append(f"the listing from the right start, up to {epochs} epochs")
    called = f"{case.script} for {epochs} epochs"
    hits = search(case.form, [{}], case.samples, [case.start], replace(case.target, epochs=epochs), called, False).hits
    return _of_the_listing(case, case.start, hits[0]) if hits else None


def _other_seed(case, several, thorough):
    """The listing itself, from other seeds, where none is told."""
    if case.told_seed:
        return None
    own = others(*case.begin)
    found = search(case.form, [{}], case.samples, own, case.target, f"{case.script} from {len(own)} seeds", False)
    case.tried.append(f"the listing from {len(own)} other seeds")
    hits = sorted(found.hits, key=lambda hit: abs(_nearest(case, hit) - case.target.epochs))
    return _of_the_listing(case, own[hits[0].start], hits[0]) if hits else None


def _wrong_start(case, several, thorough):
    """The listing itself, from wrong starts, after any number of epochs."""
    found = starts(*case.begin) + (others(*case.begin) if case.told_seed else [])
    case.tried.append(f"the listing from {len(found)} wrong starts")
    return _searched(case, [()], found, f"{len(found)} wrong starts", any_epoch=True)


def _one_mistake(case, several, thorough):
    """Each mistake alone, from the right start."""
    each = _catalogue(case)
    case.tried.append(f"{len(each)} mistakes from the right start")
    return _searched(case, [(m,) for m in each], [case.start], f"{len(each)} mistakes", moved=case.moved)


def _mistake_and_start(case, several, thorough):
    """Each mistake from each wrong start: those with one mistake first, and other seeds where none is told."""
    each, every, seeds = _catalogue(case), starts(*case.begin), others(*case.begin)
    plain = [start for start in every if len(start.mistakes) == 1]
    chosen = [plain, seeds if thorough or not (several or case.told_seed) else []]
    if thorough:
        chosen.append([start for start in every if len(start.mistakes) > 1])
    size = sum(W.size for W in case.target.weights) * len(each) * case.updates
    for those in chosen:
        if those and (thorough or size * len(those) <= NETWORKS):
            case.tried.append(f"{len(each)} mistakes from {len(those)} wrong starts")
            called = f"{len(each)} mistakes from {len(those)} starts"
            found = _searched(case, [(m,) for m in each], those, called)
            if found:
                return found
    return None


def _two_mistakes(case, several, thorough):
    """Each pair of mistakes, from the right start."""
    pairs = [pair for pair in combinations(_catalogue(case), 2) if variant(case.form, pair)]
    if not thorough and len(pairs) * case.updates > PAIRS:
        return None
    case.tried.append(f"{len(pairs)} pairs of mistakes from the right start")
    return _searched(case, pairs, [case.start], f"{len(pairs)} pairs of mistakes")


STAGES = (
    _right,
    _other_order,
    _more_epochs,
    _other_seed,
    _wrong_start,
    _one_mistake,
    _many_more_epochs,
    _mistake_and_start,
    _two_mistakes,
)


def _catalogue(case):
    """The mistakes of a case: of its data and of its listing."""
    return [*data_mistakes(case.script), *mistakes(case.weights.listing)]


def _searched(case, those, found, called, any_epoch=False, moved=False):
    """A search for tuples of mistakes from some starts; what it finds is a finding, or None.

    Where the number of epochs is told, one more and one less are looked at, as two mistakes may pass for a third else.
    """
    result = _trained(case, those, found, called, moved)
    case.lost |= {those[index][0].id for index in result.lost if len(those[index]) == 1}
    finding = _explained(case, those, found, result, any_epoch)
    return finding or _explained_in_other_order(case, those, found, result.orders, any_epoch)


def _trained(case, those, found, called, moved=False):
    """The search for tuples of mistakes."""
    variants = [{name: s for m in each for name, s in m.steps.items()} for each in those]
    return search(case.form, variants, case.samples, found, case.target, called, moved)


def _explained_in_other_order(case, those, found, orders, any_epoch):
    """What comes to the weights with its hidden nodes in another order; each order that comes near is trained again."""
    for places in dict.fromkeys(orders.values()):
        near = [at for at, each in orders.items() if each == places]
        chosen = [those[m] for m in sorted({m for m, _ in near})]
        begun = [found[s] for s in sorted({s for _, s in near})]
        put = _in_order(case, [np.array(each) for each in places])
        result = _trained(put, chosen, begun, f"{len(chosen)} in another order of the nodes")
        finding = _explained(put, chosen, begun, result, any_epoch)
        if finding:
            return finding
    return None


def _explained(case, those, found, result, any_epoch):
    """The finding of what comes to the weights with the fewest mistakes, or None."""
    near = {case.target.epochs + k for k in (-1, 0, 1)} if case.told_epochs and not any_epoch else None
    hits = [hit for hit in result.hits if near is None or near & set(hit.epochs)]
    exact = [hit for hit in hits if case.target.epochs in hit.epochs] or hits
    reasons = [_reason(case, (*found[hit.start].mistakes, *those[hit.variant]), hit) for hit in exact]
    fewest = min((len(reason.mistakes) for reason in reasons), default=0)
    reasons = [reason for reason in reasons if len(reason.mistakes) == fewest]
    return _finding(case, WRONG, case.start, exact[0], reasons) if reasons else None


# The finding


def _nearest(case, hit):
    return min(hit.epochs, key=lambda epoch: abs(epoch - case.target.epochs))


def _reason(case, made, hit):
    """The `Reason` of a hit, with one more mistake where the number of epochs is another than the one told."""
    count, wanted = _nearest(case, hit), case.target.epochs
    if count != wanted and (case.told_epochs or count == 0):
        made = (*made, _other_epochs(count, wanted))
    agreement = Agreement((count,), hit.within, count if hit.sensitive else 0)
    return Reason(made, agreement)


def _other_epochs(count, wanted):
    if count == 0:
        says = "the weights are the start itself, as if nothing was trained"
        return Mistake("not-trained", says, {}, f"they should be those after {wanted} epoch{'s' * (wanted != 1)}")
    by = f"{abs(count - wanted)} {'more' if count > wanted else 'fewer'} than told"
    says = f"the weights are those after {count} epoch{'s' * (count != 1)}, {by}"
    return Mistake("other-epochs", says, {}, f"they should be those after {wanted}")


def _finding(case, verdict, start, hit, reasons=()):
    """The finding of a hit, with the start and the epochs that it rests on."""
    count, target = _nearest(case, hit), case.target
    notes = [*case.notes, f"start: {shown(start.seed, case.generator)}{'' if case.told_seed else ', not told'}"]
    if count == target.epochs:
        source = "as told" if case.told_epochs else "the number of the script, as none is told"
        notes.append(f"epochs: {count}, {source}")
    elif count and not case.told_epochs:
        span = f"{min(hit.epochs)} to {max(hit.epochs)}" if len(hit.epochs) > 1 else f"{count}"
        notes.append(f"epochs: {span}, where the script trains {target.epochs} and none is told")
    first = None if verdict == RIGHT else _first(case)
    made = Finding(case.script, "", verdict, first, tuple(reasons), tuple(notes), epochs=(count,))
    return replace(made, within=hit.within)


def _first(case):
    """How the weights differ from those of the listing, from the right start."""
    if not case.last:
        return None
    target, names = case.target, LISTINGS[case.weights.listing].weights
    start = Subject("the listing's start", case.start.weights, case.start.rng, *case.samples, (target.epochs,))
    each = zip(target.weights, target.units, case.last, case.start.weights, strict=True)
    mine = tuple(_beyond_digits(*those, target.tolerance) for those in each)
    pair = (Looks(start, {target.epochs: mine}), Looks(start, {target.epochs: case.last}))
    return first_difference(names, [("first epoch", *pair)], lambda epochs: target.tolerance)


def _beyond_digits(mine, unit, right, start, tolerance):
    """Weights, with the right ones where they may be those but for digits that were not written."""
    if not np.isfinite(right).all():
        return mine
    allowed = unit + tolerance * abs(right - start).max() + ROUNDING * abs(right).max()
    return np.where(abs(mine - right) <= allowed, right, mine)


def _not_found(cases, name):
    """The finding where nothing comes to the weights, with what is known of them."""
    case = cases[0]
    said = []
    if len(cases) > 1:
        fitting = ", ".join(each.script for each in cases)
        said.append(f"the weights fit {fitting} by their shapes: name one of them; this is of {case.script}")
    said.append(f"tried: {'; '.join(case.tried)}")
    if not case.told_seed:
        said.append(f"the start is not told: mistakes were looked for from {shown(case.start.seed)} first")
    if case.lost:
        listed = ", ".join(sorted(case.lost))
        said.append(f"of {len(case.lost)} mistakes weights cannot tell, as by then rounding alone decides: {listed}")
    said += _outputs(case)
    notes = (*case.notes, f"start: {shown(case.start.seed, case.generator)}", f"epochs: {case.target.epochs}")
    finding = Finding(case.script, name, WRONG, _first(case), (), notes, epochs=(case.target.epochs,))
    return replace(finding, unexplained=tuple(said))


def _outputs(case):
    """The outputs of the weights, beside the targets."""
    if case.weights.listing == "mnist_conv":
        return []
    X, D = case.samples
    y = EXPERIMENTS[case.script].forward(*case.target.weights, X).reshape(D.shape)
    error = float(((y - D) ** 2).mean())
    said = [f"the mean squared error of their outputs is {error:.2g}"]
    if D.size <= 4:
        values = (" ".join(f"{v:.4f}" for v in a.ravel()) for a in (y, D))
        said.append("their outputs are {}, the targets {}".format(*values))
        for what, others in GATES.values():
            if not np.array_equal(others, D.ravel()) and (abs(y.ravel() - others) <= WITHIN).all():
                said.append(f"they have learned other targets: {what}")
    return said
