"""The loop is the page's: what is read is what runs, in the first call and the thousandth, and nothing stays behind."""

import dataclasses
import gc
import inspect
import itertools
import math
import signal
import sys
import threading
import tracemalloc
import types

import numpy as np
import plain
import pytest
from networks import CASES, LISTINGS, relative, small_images

import deltarule
from deltarule import data, matlab
from deltarule.basics.arrays import columns
from deltarule.listings import classifier, deep, multi_layer, single_layer, training
from deltarule.listings.experiments import EXPERIMENTS

XOR = data.xor()


def xor_start(seed=1):
    return EXPERIMENTS["backprop_xor"].start(seed)[0]


# ---------------------------------------------------------------- what is read is what runs


def steep(x):
    """Another function in the place of the sigmoid."""
    return 1 / (1 + np.exp(-3 * x))


def test_a_replaced_function_takes_effect_at_once_and_after_a_thousand_calls(monkeypatch):
    weights = xor_start()
    with monkeypatch.context() as replaced:
        replaced.setattr(plain, "sigmoid", steep)
        expected = plain.backprop_xor(*weights, *XOR)
    for calls in (0, 1, 1000):
        for _ in range(calls):
            deltarule.backprop_xor(*weights, *XOR)
        with monkeypatch.context() as replaced:
            replaced.setattr(multi_layer, "sigmoid", steep)
            assert relative(deltarule.backprop_xor(*weights, *XOR), expected) < 1e-14
        # and the original is back when it is
        assert relative(deltarule.backprop_xor(*weights, *XOR), plain.backprop_xor(*weights, *XOR)) < 1e-14


def test_a_print_in_a_listing_shows_numbers_in_every_call(capsys):
    source = inspect.getsource(multi_layer)
    line = "    y = sigmoid(v)\n"
    assert line in source
    edited = types.ModuleType("deltarule.listings.edited")
    edited.__package__ = "deltarule.listings"
    exec(source.replace(line, f"{line}    print(float(y[0, 0]))\n", 1), vars(edited))
    weights = xor_start()
    for _ in range(3):
        expected = []
        W1, W2 = weights
        for x, d in zip(*XOR, strict=True):
            expected.append(plain.sigmoid(W2 @ plain.sigmoid(W1 @ x))[0])
            W1, W2 = plain.backprop_xor(W1, W2, x[None], np.array([d]))
        weights = edited.backprop_xor(*weights, *XOR)
        np.testing.assert_allclose(list(map(float, capsys.readouterr().out.split())), expected, rtol=1e-13)


class Debugger:
    """Counts how often the body of a listing runs, and looks at its variables, as a debugger does."""

    def __init__(self, changes):
        self.code, self.bodies, self.seen = changes.__code__, 0, set()

    def __call__(self, frame, event, _):
        if frame.f_code is not self.code:
            return None
        self.bodies += 1
        return self.at_a_line

    def at_a_line(self, frame, event, _):
        self.seen |= {type(value) for name, value in frame.f_locals.items() if name.startswith(("v", "y", "delta"))}
        return self.at_a_line


def batches_of(name):
    """How often the body of a listing runs in an epoch."""
    samples = len(CASES[name].data()[0])
    return samples // (EXPERIMENTS[name].batch_size or samples)


@pytest.mark.parametrize("name", LISTINGS)
def test_a_debugger_stops_in_the_body_for_each_batch_of_the_first_call_and_of_the_hundredth(name):
    case = CASES[name]
    weights, rng = case.start()
    tracing = sys.gettrace()
    for call in range(1, 101):
        if call in (1, 100):
            debugger = Debugger(case.experiment.changes)
            sys.settrace(debugger)
        try:
            weights = case.train(weights, rng=rng)
        finally:
            sys.settrace(tracing)
        if call in (1, 100):
            assert (debugger.bodies, debugger.seen) == (batches_of(name), {np.ndarray})


# ---------------------------------------------------------------- bodies of one's own


def output(W, x):
    return 1 / (1 + np.exp(-(W @ x)))


def hard_error(W, x, d, alpha):
    """The error counts in full where it is large, which the body asks with `if`."""
    e = d - output(W, x)
    if abs(e).max() > 0.5:
        return (alpha * e @ x.T,)
    return (0.1 * alpha * e @ x.T,)


def one_sided(W, x, d, alpha):
    e = d - output(W, x)
    return (alpha * np.where(e > 0, e, 3 * e) @ x.T,)


def leaky(W, x, d, alpha):
    """Leaky ReLU nodes: a number beside a condition."""
    v = W @ x
    slope = (v > 0) + 0.01 * (v <= 0)
    e = d - v * slope
    return (alpha * slope * e @ x.T,)


def centred(W, x, d, alpha):
    e = d - output(W, x)
    return (alpha * (e - e.mean()) @ x.T,)


def doubled(W, x, d, alpha):
    e = d - output(W, x)
    e *= 2
    e[0] += 0.125
    return (alpha * e @ x.T,)


def halved(W, x, d, alpha):
    """A rate of its own, as it may write where alpha is a number."""
    alpha *= 0.5
    return (alpha * (d - output(W, x)) @ x.T,)


FACTOR = 1.0


def scaled(W, x, d, alpha):
    return (FACTOR * alpha * (d - output(W, x)) @ x.T,)


def logistic(v):
    return 1 / (1 + math.exp(-v))


def errors(v, d):
    return [dj - logistic(vj) for vj, dj in zip(v, d, strict=True)]


def plain_hard_error(v, d):
    e = errors(v, d)
    return e if max(map(abs, e)) > 0.5 else [0.1 * ej for ej in e]


def plain_leaky(v, d):
    slopes = [1 if vj > 0 else 0.01 for vj in v]
    return [slope * (dj - slope * vj) for slope, vj, dj in zip(slopes, v, d, strict=True)]


def plain_centred(v, d):
    e = errors(v, d)
    return [ej - sum(e) / len(e) for ej in e]


def plain_doubled(v, d):
    e = errors(v, d)
    return [2 * e[0] + 0.125, *(2 * ej for ej in e[1:])]


# A body, and the same in Python's floats: of each output v and target d, what is multiplied by alpha and the input
OWN = {
    "if": (hard_error, plain_hard_error),
    "where": (one_sided, lambda v, d: [e if e > 0 else 3 * e for e in errors(v, d)]),
    "a number beside a condition": (leaky, plain_leaky),
    "mean": (centred, plain_centred),
    "in place": (doubled, plain_doubled),
    "a rate of its own": (halved, lambda v, d: [0.5 * e for e in errors(v, d)]),
    "a global": (scaled, lambda v, d: [FACTOR * e for e in errors(v, d)]),
}


def plain_epoch(rule, W, X, D, alpha, beta=0.0):
    """An epoch in Python's floats, sample by sample; the momentum starts at zero."""
    m = [[0.0] * len(row) for row in W]
    for x, d in zip(X, D, strict=True):
        v = [sum(w * xi for w, xi in zip(row, x, strict=True)) for row in W]
        factors = rule(v, d)
        m = [
            [alpha * f * xi + beta * mi for mi, xi in zip(row, x, strict=True)]
            for row, f in zip(m, factors, strict=True)
        ]
        W = [[w + mi for w, mi in zip(row, mrow, strict=True)] for row, mrow in zip(W, m, strict=True)]
    return W


@pytest.mark.parametrize("beta", [None, 0.9])
@pytest.mark.parametrize("name", OWN)
def test_a_body_of_ones_own_trains_as_a_plain_loop_does(name, beta, monkeypatch):
    changes, rule = OWN[name]
    rng = matlab.rng(4)
    X, D, W = rng.rand(7, 3), rng.rand(7, 2), 2 * rng.rand(2, 3) - 1
    theirs = W.tolist()
    for epoch in range(40):
        monkeypatch.setitem(globals(), "FACTOR", 1.0 + epoch % 3)
        (W,) = training.train(changes, (W,), columns(X), columns(D), 0.3, beta=beta)
        theirs = plain_epoch(rule, theirs, X.tolist(), D.tolist(), 0.3, beta or 0.0)
    assert relative([W], [np.array(theirs)]) < 1e-12


def test_both_branches_of_the_body_with_if_are_taken():
    X, D = data.linear()
    start = 2 * matlab.rng(4).rand(1, 3) - 1
    large = {bool(abs(d - output(start, x[:, None])).max() > 0.5) for x, d in zip(X, D, strict=True)}
    assert large == {False, True}


@pytest.mark.parametrize(
    "changes",
    [
        lambda W1, W2, x, d, alpha: (0 * W1,),
        lambda W1, W2, x, d, alpha: (0 * W1, 0 * W2, 0 * W2),
        lambda W1, W2, x, d, alpha: np.zeros((3, *W1.shape)),
    ],
    ids=["too few", "too many", "an array"],
)
@pytest.mark.parametrize("beta", [None, 0.5])
def test_a_body_that_gives_another_number_of_changes_is_refused(changes, beta):
    with pytest.raises(ValueError, match="changes must return 2 arrays"):
        training.train(
            changes, (np.ones((2, 2)), np.ones((2, 2))), np.ones((1, 2, 1)), np.ones((1, 2, 1)), 1.0, beta=beta
        )


def test_inputs_and_targets_of_another_number_of_batches_are_refused():
    with pytest.raises(ValueError, match="zip"):
        training.train(scaled, (np.zeros((1, 3)),), np.ones((4, 3, 1)), np.ones((3, 1, 1)), 0.9)


# ---------------------------------------------------------------- the formulas


def test_without_momentum_the_changes_are_added():
    W = np.array([[1.0, 2.0]])
    (found,) = training.train(lambda W, x, d, alpha: (alpha * W,), (W,), np.ones((3, 1, 1)), np.ones((3, 1, 1)), 0.5)
    np.testing.assert_array_equal(found, W * 1.5**3)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_momentum_is_the_change_and_a_share_of_the_momentum_before(beta):
    # a change c in each of n batches: m = c (1 + beta + ...), by the sum of a geometric series, and W the sum of them
    c, n = np.array([[0.25, -1.0]]), 12
    series = [sum(beta**k for k in range(j)) for j in range(1, n + 1)]
    batches = np.ones((n, 1, 1)), np.ones((n, 1, 1))

    def changes(W, x, d, alpha):
        return (alpha * c,)

    (W,) = training.train(changes, (0 * c,), *batches, 2.0, beta=beta)
    np.testing.assert_allclose(W, 2 * c * sum(series), rtol=1e-14)
    # a momentum that is given is kept up, and what it has become is returned
    W, m = training.train(changes, (0 * c,), *batches, 2.0, beta=beta, momenta=[0 * c + 1])
    np.testing.assert_allclose(m, 2 * c * series[-1] + beta**n, rtol=1e-14)
    np.testing.assert_allclose(W, 2 * c * sum(series) + sum(beta**k for k in range(1, n + 1)), rtol=1e-13)


def test_momenta_given_and_returned_make_one_run_of_two():
    c = np.array([[1.0, 2.0]])
    ones = np.ones((6, 1, 1))

    def changes(W, x, d, alpha):
        return (alpha * (c - W),)

    whole = training.train(changes, (0 * c,), ones, ones, 0.1, beta=0.8, momenta=[0 * c])
    half = training.train(changes, (0 * c,), ones[:3], ones[:3], 0.1, beta=0.8, momenta=[0 * c])
    parts = training.train(changes, half[:1], ones[3:], ones[3:], 0.1, beta=0.8, momenta=half[1:])
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-15)


def test_no_argument_is_written_to_and_none_is_returned():
    arguments = [np.ones((1, 3)), np.ones((1, 3)), np.ones((2, 3, 1)), np.ones((2, 1, 1))]
    for a in arguments:
        a.setflags(write=False)
    W, m, x, d = arguments
    for given in training.train(scaled, (W,), x, d, 0.5, beta=0.9, momenta=[m]):
        assert not any(np.may_share_memory(given, a) for a in arguments)
    np.testing.assert_array_equal(np.concatenate([a.ravel() for a in arguments]), 1)


# ---------------------------------------------------------------- the listings, beside plain.py

SIZES = [(1, 1, 1, 1), (3, 4, 1, 4), (2, 5, 3, 7), (25, 20, 5, 5), (6, 1, 2, 3)]  # inputs, hidden, outputs, samples


def network(name, inputs, hidden, outputs, samples, seed=1):
    """Weights and samples of these sizes for a listing."""
    rng = np.random.default_rng(seed)
    layers = {"delta": [outputs], "backp": [hidden, outputs], "multi": [hidden, outputs]}
    nodes = [inputs, *layers.get(name[:5], [hidden, hidden + 1, hidden, outputs])]
    weights = tuple(rng.normal(size=(m, n)) / np.sqrt(n) for n, m in itertools.pairwise(nodes))
    softmax = name in ("multi_class", "deep_relu", "deep_dropout")
    D = np.eye(outputs)[rng.integers(outputs, size=samples)] if softmax else rng.random((samples, outputs))
    return weights, rng.normal(size=(samples, inputs)), D


def options_of(name, samples, seed=9):
    """What a listing takes besides: a stream, or a batch that fits."""
    if name == "deep_dropout":
        return {"rng": matlab.rng(seed)}
    return {"batch_size": min(2, samples)} if name == "delta_minibatch" else {}


def as_tuple(weights):
    return weights if isinstance(weights, tuple) else (weights,)


def trained(name, weights, X, D, epochs=1, **changed):
    """The weights after some epochs, as a tuple."""
    options = options_of(name, len(X)) | changed
    for _ in range(epochs):
        weights = as_tuple(getattr(deltarule, name)(*weights, X, D, **options))
    return weights


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", LISTINGS)
def test_weights_are_those_of_the_plain_form_in_several_shapes(name, sizes):
    weights, X, D = network(name, *sizes)
    theirs, options = weights, options_of(name, len(X))
    for _ in range(5):
        theirs = as_tuple(getattr(plain, name)(*theirs, X, D[..., None], **options))
    assert relative(trained(name, weights, X, D, 5), theirs) < 1e-12


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", LISTINGS)
def test_float32_is_float64_to_its_precision(name, sizes):
    weights, X, D = network(name, *sizes)
    half = [a.astype(np.float32) for a in (*weights, X, D)]
    single = trained(name, half[:-2], *half[-2:])
    assert {W.dtype for W in single} == {np.dtype(np.float32)}
    double = trained(name, [W.astype(np.float64) for W in half[:-2]], *(a.astype(np.float64) for a in half[-2:]))
    assert {W.dtype for W in double} == {np.dtype(np.float64)}
    # each sample rounds sums of at most 25 terms through at most four layers
    assert relative(single, double) < 50 * np.finfo(np.float32).eps


# ---------------------------------------------------------------- streams, and calls within calls


@dataclasses.dataclass(frozen=True)
class Equal:
    """Streams that compare equal, whatever they draw."""

    stream: matlab.Stream = dataclasses.field(compare=False)

    def randperm(self, n, k):
        return self.stream.randperm(n, k)


def test_streams_that_compare_equal_are_streams_of_their_own():
    weights, _ = CASES["deep_dropout"].start()
    X, D = data.digits()
    assert Equal(matlab.rng(1)) == Equal(matlab.rng(2))
    for seed in (1, 2, 1):
        ours = deltarule.deep_dropout(*weights, X, D, rng=Equal(matlab.rng(seed)))
        theirs = plain.deep_dropout(*weights, X, D, rng=matlab.rng(seed))
        assert relative(ours, theirs) < 1e-13


def test_a_stream_that_overrides_randperm_is_the_one_that_is_asked():
    class First(matlab.Stream):
        """Keeps the first nodes of each layer."""

        def randperm(self, n, k=None):
            return np.arange(1, k + 1)

    weights, _ = CASES["deep_dropout"].start()
    X, D = data.digits()
    ours = deltarule.deep_dropout(*weights, X, D, rng=First(1))
    assert relative(ours, plain.deep_dropout(*weights, X, D, rng=First(1))) < 1e-13


@pytest.mark.parametrize("epochs", [1, 3])
def test_deep_dropout_leaves_its_stream_where_the_plain_form_does(epochs):
    weights, X, D = network("deep_dropout", 4, 6, 3, 5)
    ours, theirs = matlab.rng(3), matlab.rng(3)
    for _ in range(epochs):
        deltarule.deep_dropout(*weights, X, D, rng=ours, ratio=0.3)
        plain.deep_dropout(*weights, X, D, rng=theirs, ratio=0.3)
    assert ours.rand() == theirs.rand()


class Training:
    """A stream that trains another network of the same shape whenever it is asked for numbers."""

    def __init__(self, seed, weights, X, D):
        self.stream, self.weights, self.samples = matlab.rng(seed), weights, (X, D)

    def randperm(self, n, k):
        self.weights = deltarule.deep_dropout(*self.weights, *self.samples, rng=matlab.rng(8))
        return self.stream.randperm(n, k)


def test_a_routine_that_is_called_while_it_runs_gives_the_right_weights():
    weights, X, D = network("deep_dropout", 5, 4, 3, 3)
    others, _, _ = network("deep_dropout", 5, 4, 3, 3, seed=2)
    rng = Training(6, others, X, D)
    ours = deltarule.deep_dropout(*weights, X, D, rng=rng)
    assert relative(ours, plain.deep_dropout(*weights, X, D, rng=matlab.rng(6))) < 1e-13
    for _ in range(3 * len(X)):  # as often as a mask was drawn
        others = plain.deep_dropout(*others, X, D, rng=matlab.rng(8))
    assert relative(rng.weights, others) < 1e-12


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="timers of POSIX")
def test_a_signal_handler_that_trains_does_not_disturb_the_training():
    inner, interruptions = [xor_start(2)], 0

    def handler(*_):
        nonlocal interruptions
        interruptions += 1
        inner[0] = deltarule.backprop_xor(*inner[0], *XOR)
        signal.setitimer(signal.ITIMER_REAL, 1e-3)  # once more, but never while it is here

    X, D, images = small_images()
    weights, before = xor_start(), signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1e-3)
        epochs = 0
        while interruptions < 50:
            weights = deltarule.backprop_xor(*weights, *XOR)
            images = deltarule.mnist_conv(*images, X, D, batch_size=6)
            epochs += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    theirs, alone, alone_images = xor_start(2), xor_start(), small_images()[2]
    for _ in range(interruptions):
        theirs = deltarule.backprop_xor(*theirs, *XOR)
    for _ in range(epochs):
        alone = deltarule.backprop_xor(*alone, *XOR)
        alone_images = deltarule.mnist_conv(*alone_images, X, D, batch_size=6)
    assert relative(inner[0], theirs) < 1e-12
    assert relative(weights, alone) < 1e-12
    assert relative(images, alone_images) < 1e-11


@pytest.mark.parametrize("name", [*LISTINGS, "mnist_conv"])
def test_threads_that_train_the_same_listing_do_not_disturb_each_other(name):
    found = {}

    def work(seed):
        found[seed] = run(seed)

    def run(seed):
        if name == "mnist_conv":
            X, D, weights = small_images(seed=seed)
            for _ in range(20):
                weights = deltarule.mnist_conv(*weights, X, D, batch_size=4)
            return weights
        weights, X, D = network(name, 6, 5, 3, 8, seed=seed)
        return trained(name, weights, X, D, 20)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in range(4):
        assert relative(found[seed], run(seed)) < 1e-11


# ---------------------------------------------------------------- nothing is kept


def kept(work):
    """How many more bytes are held after some work than before it."""
    work()  # what is imported or interned the first time is not counted
    gc.collect()
    tracemalloc.start()
    try:
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


HELD = 50_000  # bytes that Python and NumPy may hold for reuse; less than one of the arrays of 40 networks


@pytest.mark.parametrize("name", LISTINGS)
def test_nothing_is_kept_after_calls_of_many_shapes_and_numbers_of_samples(name):
    def work():
        for n in range(1, 41):
            weights, X, D = network(name, 20 + n, 30 + n, 1 + n % 5, n)
            trained(name, weights, X, D)
            trained(name, [W.astype(np.float32) for W in weights], X.astype(np.float32), D.astype(np.float32))
            trained(name, weights, X.reshape(n, 1, -1), D)

    assert kept(work) < HELD


def test_what_is_kept_would_be_seen():
    results = []

    def work():
        for n in range(1, 41):
            weights, X, D = network("backprop_xor", 20 + n, 30 + n, 1 + n % 5, n)
            results.append(trained("backprop_xor", weights, X, D))

    assert kept(work) > 5 * HELD


def test_the_chapters_bodies_are_those_of_the_table_of_experiments():
    bodies = {
        single_layer.delta_rule_changes: {"delta_sgd", "delta_batch", "delta_minibatch"},
        multi_layer.backprop_changes: {"backprop_xor", "backprop_mmt"},
        multi_layer.backprop_ce_changes: {"backprop_ce"},
        classifier.multi_class_changes: {"multi_class"},
        deep.deep_relu_changes: {"deep_relu"},
        deep.deep_dropout_changes: {"deep_dropout"},
    }
    for name in LISTINGS:
        assert name in bodies[EXPERIMENTS[name].changes]
