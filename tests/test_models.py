"""What holds for each of the other networks: gradients, many at once, float32, other arrays, bad arguments."""

import inspect
import re

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule import matlab
from deltarule.evidence.gradients import GRADIENT_TOLERANCE
from deltarule.evidence.model_gradients import CHECKS
from deltarule.layers import SGD, Adam
from deltarule.models import checks, functions
from deltarule.models.experiments import EXPERIMENTS, SEEDS

NAMES = sorted(EXPERIMENTS.keys() - {"dbn_digits"})  # it is glorot_digits but for its start, which takes seconds
WITH_TARGETS = [name for name in NAMES if EXPERIMENTS[name].samples()[1] is not None]


def small(name):
    """An experiment, a few of its samples, and its starting weights from seed 1."""
    experiment = EXPERIMENTS[name]
    X, D = experiment.samples()
    return experiment, X[:70], None if D is None else D[:70], experiment.start(1)[0]


def like(D, dtype):
    """The targets, if any, of a dtype."""
    return None if D is None else D.astype(dtype)


@pytest.mark.parametrize("name", NAMES)
def test_every_body_descends_the_gradient_of_its_cost(name):
    errors = [CHECKS[name](seed) for seed in (1, 2, 3)]
    assert max(errors) < 1e-8 < GRADIENT_TOLERANCE  # central differences: step**2 = 1e-10, rounding over step = 1e-11


def test_every_body_is_checked_and_every_check_is_of_a_body():
    assert CHECKS.keys() == EXPERIMENTS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_many_networks_along_a_leading_axis_are_each_trained_as_one_alone(name):
    experiment, X, D, _ = small(name)
    together = experiment.epoch(experiment.starts(SEEDS), X, D)
    for k, seed in enumerate(SEEDS):
        alone = experiment.epoch(experiment.start(seed)[0], X, D)
        for W, Wk in zip(alone, together, strict=True):
            assert_within(Wk[k], W, absolute=1e-14, relative=1e-12)
    outputs = experiment.outputs(together, X)
    assert outputs.shape[0] == len(SEEDS)
    assert_within(outputs[-1], experiment.outputs(alone, X), absolute=1e-13, relative=1e-11)


@pytest.mark.parametrize("name", [name for name in NAMES if EXPERIMENTS[name].optimizer])
def test_an_optimiser_takes_the_slope_of_the_mean_cost_of_each_batch(name):
    """Central differences along one direction. Adam would hide a factor, plain descent does not."""
    experiment, X, D, weights = small(name)
    X, D = X[:7], D[:7]  # two batches of three; the seventh is left out
    found = experiment.routine(*weights, X, D, optimizer=SGD(lr=0.5), size=3)
    direction, step = [matlab.rng(5).randn(W.size, 1).reshape(W.shape) for W in weights], 1e-6

    def mean_cost(weights, batch):
        y, d = experiment.outputs(weights, X[batch]), D[batch]
        if name.startswith("unet"):
            return -np.where(d == 1, np.log(y), np.log(1 - y)).mean()
        return -(d * np.log(y)).sum(axis=-1).mean()

    def moved(weights, by):
        return [W + by * V for W, V in zip(weights, direction, strict=True)]

    between = experiment.routine(*weights, X[:3], D[:3], optimizer=SGD(lr=0.5), size=3)
    for before, after, batch in ((weights, between, slice(0, 3)), (between, found, slice(3, 6))):
        slope = (mean_cost(moved(before, step), batch) - mean_cost(moved(before, -step), batch)) / (2 * step)
        along = sum(((W - V) * v).sum() for W, V, v in zip(before, after, direction, strict=True))
        assert abs(slope) > 1e-3
        assert_within(along / 0.5, slope, absolute=1e-8, relative=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32_and_is_near(name):
    experiment, X, D, weights = small(name)
    single = experiment.epoch([W.astype(np.float32) for W in weights], X.astype(np.float32), like(D, np.float32))
    for W, double in zip(single, experiment.epoch(weights, X, D), strict=True):
        assert W.dtype == np.float32
        assert_within(W, double, absolute=1e-4, relative=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_arrays_that_refuse_numpy_give_the_same(name):
    experiment, X, D, weights = small(name)
    moved = experiment.epoch(
        list(map(strict.asarray, weights)), strict.asarray(X), D if D is None else strict.asarray(D)
    )
    for W, ours in zip(moved, experiment.epoch(weights, X, D), strict=True):
        assert_within(strict.asnumpy(W), ours, absolute=1e-14, relative=1e-12)
    y = experiment.outputs(moved, strict.asarray(X))
    assert_within(strict.asnumpy(y), experiment.outputs(experiment.epoch(weights, X, D), X), absolute=1e-13, relative=0)


@pytest.mark.gpu
@pytest.mark.parametrize("name", NAMES)
def test_an_epoch_on_a_gpu_is_that_on_the_cpu(name, cupy):
    experiment, X, D, weights = small(name)
    moved = experiment.epoch(list(map(cupy.asarray, weights)), cupy.asarray(X), D if D is None else cupy.asarray(D))
    for W, ours in zip(moved, experiment.epoch(weights, X, D), strict=True):
        assert_within(cupy.asnumpy(W), ours, absolute=1e-11, relative=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_stay_as_they_are(name):
    experiment, X, D, weights = small(name)
    given = [W.copy() for W in weights]
    experiment.epoch(weights, X, D)
    for W, before in zip(weights, given, strict=True):
        assert np.array_equal(W, before)


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_that_does_not_fit_is_named(name):
    experiment, X, D, weights = small(name)
    for k, weight in enumerate(experiment.names):
        if experiment.routine.__name__ in ("deep_sigmoid", "batch_norm", "dbn"):  # any number of layers
            weight = weight.replace("o", str(sum(n[0] == "W" for n in experiment.names)))
        grown = np.concatenate([weights[k], weights[k][..., -1:]], axis=-1)
        for wrong in (grown, weights[k] * np.nan, weights[k].astype(np.float32), weights[k][..., 0], "a"):
            with pytest.raises((TypeError, ValueError), match=rf"\b(W|gamma|beta|b|leading|{weight})") as raised:
                experiment.epoch([*weights[:k], wrong, *weights[k + 1 :]], X, D, experiment.learning(weights))
            if wrong is grown and k:
                assert str(raised.value).startswith(weight)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "wrong", [np.zeros((0, 3)), np.zeros(3), None, "ab", np.array([[1j]]), np.zeros((2, 3, 4, 5, 6))]
)
def test_wrong_samples_are_named(name, wrong):
    experiment, X, D, weights = small(name)
    with pytest.raises((TypeError, ValueError), match=r"^X "):
        experiment.epoch(weights, wrong, D)
    taken = "Z" if name == "gan_gaussian" else "X"  # noise, of which a generator makes samples
    with pytest.raises((TypeError, ValueError), match=rf"^{taken} "):
        experiment.outputs(weights, wrong)
    if name in WITH_TARGETS and wrong is not None:
        with pytest.raises((TypeError, ValueError), match=r"^D "):
            experiment.epoch(weights, X, wrong)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_out_of_range_is_named(name):
    experiment, X, D, weights = small(name)
    optional = [p.name for p in inspect.signature(experiment.routine).parameters.values() if p.default is None]
    for option in experiment.options:
        for wrong in (-1, float("nan"), "1", *([] if option in optional else [None])):
            with pytest.raises((TypeError, ValueError), match=rf"^{option} must"):
                experiment.epoch(weights, X, D, {**experiment.learning(weights), option: wrong})


@pytest.mark.parametrize("name", NAMES)
def test_the_options_of_an_experiment_are_the_defaults_of_its_routine(name):
    experiment = EXPERIMENTS[name]
    parameters = inspect.signature(experiment.routine).parameters.values()
    given = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in ("optimizer", "rng")}
    assert experiment.options.keys() == given.keys()
    if name in WITH_TARGETS:
        assert experiment.options == given


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_mean_is_numpys_to_the_last_bit(dtype):
    a = matlab.rng(1).randn(3, 7, 5).astype(dtype)
    for axis in (-1, -2):
        found = functions.mean(a, axis)
        assert found.dtype == dtype
        assert np.array_equal(found, a.mean(axis=axis, keepdims=True))


def test_sizes_that_do_not_fit_are_said_by_letters():
    with pytest.raises(
        ValueError, match=r"^W2 must have the shape \(\.\.\., m, n \+ h\) with n = 2, h = 3, not \(1, 4\)"
    ):
        checks.fitting("h n, m n+h", {"W1": np.ones((3, 2)), "W2": np.ones((1, 4))}, n=2)


@pytest.mark.parametrize(
    ("W1", "W2", "shapes"),
    [((2, 3, 2), (5, 1, 3), "W1 (2, 3, 2), W2 (5, 1, 3)"), ((4, 2, 3, 2), (3, 1, 3), "W1 (4, 2, 3, 2), W2 (3, 1, 3)")],
)
def test_leading_axes_that_do_not_broadcast_are_shown(W1, W2, shapes):
    message = f"the leading axes of the weights must broadcast together; they do not: {shapes}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        checks.fitting("h n, m h", {"W1": np.ones(W1), "W2": np.ones(W2)})
    checks.fitting("h n, m h", {"W1": np.ones(W1), "W2": np.ones((1, *W2[-2:]))})
    checks.fitting("h n, m h", {"W1": np.ones(W1[-2:]), "W2": np.ones(W2)})


def test_changes_are_scaled_down_to_the_norm_and_left_alone_below_it():
    rng = matlab.rng(1)
    dW = rng.randn(3, 4), rng.randn(2, 3)
    norm = np.sqrt(sum((a**2).sum() for a in dW))
    found = functions.clipped(lambda: dW, norm / 7)()
    for a, b in zip(found, dW, strict=True):
        assert_within(a, b / 7, absolute=0, relative=1e-14)
    for most in (norm * 1.001, 1e300):
        assert all(np.array_equal(a, b) for a, b in zip(functions.clipped(lambda: dW, most)(), dW, strict=True))
    zero = functions.clipped(lambda: (0 * dW[0],), 1.0)()
    assert not zero[0].any()


def test_each_of_many_networks_is_clipped_by_its_own_norm():
    dW = np.array([3.0, 0.03]).reshape(2, 1, 1), np.array([4.0, 0.04]).reshape(2, 1, 1)
    a, b = functions.clipped(lambda: dW, 1.0)()
    assert_within(a.ravel(), [0.6, 0.03], absolute=0, relative=1e-14)
    assert_within(b.ravel(), [0.8, 0.04], absolute=0, relative=1e-14)


def test_along_a_training_are_the_weights_after_each_epoch_and_the_last_are_those_of_the_training():
    experiment = EXPERIMENTS["rbm_exact"]
    weights, _ = experiment.start(1)
    path = list(experiment.along(weights, 3))
    once = experiment.train(weights, 1)
    for W, first in zip(path[0], once, strict=True):
        np.testing.assert_array_equal(W, first)
    for W, last in zip(path[-1], experiment.train(weights, 3), strict=True):
        np.testing.assert_array_equal(W, last)
    assert len(path) == 3
    assert experiment.train(weights, 0) is weights
    faster = next(experiment.along(weights, 1, alpha=0.2))
    for W, slow, fast in zip(weights, once, faster, strict=True):
        assert_within(fast - W, 2 * (slow - W), absolute=1e-15, relative=0)
        assert abs(slow - W).max() > 1e-4


def test_the_adversarial_networks_beside_are_trained_by_two_new_optimisers_of_adam():
    GAN = EXPERIMENTS["gan_gaussian"]
    adam = GAN.beside["Adam"]
    weights, _ = adam.start(1)
    pair = Adam(lr=0.01), Adam(lr=0.01)
    expected = adam.routine(*weights, GAN.samples()[0], rng=matlab.rng(5), optimizers=pair)
    for _ in range(2):  # the second training does not go on with what the first one remembers
        for W, ours in zip(adam.train(weights, 1, matlab.rng(5)), expected, strict=True):
            np.testing.assert_array_equal(W, ours)
