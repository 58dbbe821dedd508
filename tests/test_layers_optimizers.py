"""Optimisers: against loops over plain numbers, in place, from zero, and everything checked before anything changes."""

import math

import numpy as np
import pytest
import strict
from closeness import assert_within

from deltarule.layers import OPTIMIZERS, SGD, AdaGrad, Adam, Momentum, Nesterov, RMSprop, optimizer

# Each rule for one number, from its formula: the parameters after each of the gradients


def sgd(w, gradients, r=0.01):
    for g in gradients:
        w = w - r * g
        yield w


def momentum(w, gradients, r=0.01, m=0.9):
    v = 0.0
    for g in gradients:
        v = m * v - r * g
        w = w + v
        yield w


def nesterov(w, gradients, r=0.01, m=0.9):
    v = 0.0
    for g in gradients:
        w = w + m * m * v - (1 + m) * r * g
        v = m * v - r * g
        yield w


def adagrad(w, gradients, r=0.01, e=1e-7):
    h = 0.0
    for g in gradients:
        h = h + g * g
        w = w - r * g / (math.sqrt(h) + e)
        yield w


def rmsprop(w, gradients, r=0.01, d=0.99, e=1e-7):
    h = 0.0
    for g in gradients:
        h = d * h + (1 - d) * g * g
        w = w - r * g / (math.sqrt(h) + e)
        yield w


def adam(w, gradients, r=0.001, b1=0.9, b2=0.999, e=1e-7):
    m = v = 0.0
    for t, g in enumerate(gradients, 1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        w = w - r * math.sqrt(1 - b2**t) / (1 - b1**t) * m / (math.sqrt(v) + e)
        yield w


RULES = {
    "SGD": (sgd, {"lr": 0.3}, {"r": 0.3}),
    "Momentum": (momentum, {"lr": 0.3, "momentum": 0.5}, {"r": 0.3, "m": 0.5}),
    "Nesterov": (nesterov, {"lr": 0.3, "momentum": 0.5}, {"r": 0.3, "m": 0.5}),
    "AdaGrad": (adagrad, {"lr": 0.3, "epsilon": 0.01}, {"r": 0.3, "e": 0.01}),
    "RMSprop": (rmsprop, {"lr": 0.3, "decay_rate": 0.3, "epsilon": 0.01}, {"r": 0.3, "d": 0.3, "e": 0.01}),
    "Adam": (
        adam,
        {"lr": 0.3, "beta1": 0.3, "beta2": 0.4, "epsilon": 0.01},
        {"r": 0.3, "b1": 0.3, "b2": 0.4, "e": 0.01},
    ),
}
NAMES = list(RULES)
WITH_MEMORY = [name for name in NAMES if name != "SGD"]


def arrays(seed, dtype=np.float64):
    rng = np.random.RandomState(seed)
    return {"W1": rng.randn(3, 2).astype(dtype), "b1": rng.randn(2).astype(dtype)}


@pytest.mark.parametrize("given", [False, True], ids=["as they are", "with other rates"])
@pytest.mark.parametrize("name", NAMES)
def test_an_optimiser_follows_its_formula_number_by_number(name, given):
    rule, options, numbers = RULES[name]
    found, params = OPTIMIZERS[name](**options if given else {}), arrays(0)
    gradients = [arrays(seed) for seed in range(1, 21)]
    paths = {
        (key, index): rule(params[key][index], [g[key][index] for g in gradients], **numbers if given else {})
        for key in params
        for index in np.ndindex(params[key].shape)
    }
    for grads in gradients:
        found.update(params, grads)
        for (key, index), path in paths.items():
            assert_within(params[key][index], next(path), absolute=2e-15, relative=2e-15)


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_of_zero_moves_nothing(name):
    params = arrays(0)
    OPTIMIZERS[name]().update(params, {key: np.zeros_like(p) for key, p in params.items()})
    for key, p in arrays(0).items():
        np.testing.assert_array_equal(params[key], p)


def test_adagrad_changes_at_every_call():
    # w^2 from 1: in the notes 1, -99999, -99999, -99999
    params, found = {"w": np.array([1.0])}, AdaGrad()
    path = [1.0]
    for _ in range(3):
        found.update(params, {"w": 2 * params["w"]})
        path.append(float(params["w"][0]))
    steps = -np.diff(path)
    assert_within(steps[:2], [0.01, 0.01 * 1.98 / math.sqrt(4 + 1.98**2)], absolute=1e-9, relative=0)
    assert 0 < steps[2] < steps[1]


def test_the_first_steps_are_as_long_as_the_formulas_say():
    for found, step in (
        (SGD(), 0.01 * 3),
        (Momentum(), 0.01 * 3),
        (Nesterov(), 0.019 * 3),
        (AdaGrad(), 0.01),
        (RMSprop(), 0.1),
        (Adam(), 0.001),
    ):
        params = {"w": np.array([0.0])}
        found.update(params, {"w": np.array([3.0])})
        assert_within(-params["w"][0], step, absolute=0, relative=4e-6)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_change_in_place_and_gradients_do_not(name):
    params, found = arrays(0), OPTIMIZERS[name]()
    held = dict(params)
    for seed in (1, 2):
        grads = arrays(seed)
        for g in grads.values():
            g.flags.writeable = False
        before = {key: p.copy() for key, p in params.items()}
        found.update(params, grads)
        for key, p in params.items():
            assert p is held[key]
            assert (p != before[key]).all()


@pytest.mark.parametrize("name", WITH_MEMORY)
def test_what_is_remembered_is_none_and_then_an_array_a_parameter_that_starts_at_zero(name):
    found, params = OPTIMIZERS[name](), arrays(0)
    kept = [attribute for attribute in ("v", "h", "m") if hasattr(found, attribute)]
    assert kept
    assert all(getattr(found, attribute) is None for attribute in kept)
    found.update(params, {key: np.zeros_like(p) for key, p in params.items()})
    for attribute in kept:
        memory = getattr(found, attribute)
        assert memory.keys() == params.keys()
        for key, p in params.items():
            np.testing.assert_array_equal(memory[key], np.zeros(p.shape))


def test_two_optimisers_share_no_memory():
    one, other = Momentum(), Momentum()
    one.update(arrays(0), arrays(1))
    assert other.v is None


def test_a_rate_that_is_changed_on_the_way_is_followed():
    params, found = {"w": np.array([0.0])}, SGD(lr=1)
    found.update(params, {"w": np.array([1.0])})
    found.lr = 0.5
    found.update(params, {"w": np.array([1.0])})
    assert params["w"][0] == -1.5


@pytest.mark.parametrize("name", NAMES)
def test_arrays_without_axes_and_views_change_in_place(name):
    base = np.zeros((4, 2))
    params = {"x": np.array(-7.0), "column": base[:, 0]}
    held = params["x"]
    for _ in range(2):
        OPTIMIZERS[name]().update(params, {"x": np.array(-0.7), "column": np.ones(4)})
    assert params["x"] is held
    assert held > -7
    assert (base[:, 0] < 0).all()
    assert (base[:, 1] == 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_and_both_dtypes_may_be_mixed_among_the_keys(name):
    found, expected = (OPTIMIZERS[name]() for _ in range(2))
    mixed, reference = {"W1": arrays(0, np.float32)["W1"], "b1": arrays(0)["b1"]}, arrays(0)
    for seed in (1, 2, 3):
        found.update(mixed, {"W1": arrays(seed, np.float32)["W1"], "b1": arrays(seed)["b1"]})
        expected.update(reference, arrays(seed))
    assert (mixed["W1"].dtype, mixed["b1"].dtype) == (np.float32, np.float64)
    assert all(kept["W1"].dtype == np.float32 for a in ("v", "h", "m") if (kept := getattr(found, a, None)) is not None)
    assert_within(mixed["W1"], reference["W1"], absolute=1e-6, relative=0)
    np.testing.assert_array_equal(mixed["b1"], reference["b1"])


@pytest.mark.parametrize("name", NAMES)
def test_parameters_stay_on_their_device(name):
    found, expected = OPTIMIZERS[name](), OPTIMIZERS[name]()
    params, reference = {key: strict.asarray(p) for key, p in arrays(0).items()}, arrays(0)
    held = dict(params)
    for seed in (1, 2):
        found.update(params, {key: strict.asarray(g) for key, g in arrays(seed).items()})
        expected.update(reference, arrays(seed))
    for key, p in params.items():
        assert p is held[key]
        np.testing.assert_array_equal(strict.asnumpy(p), reference[key])


@pytest.mark.parametrize("name", NAMES)
def test_every_optimiser_goes_down_a_bowl(name):
    # the notes' x^2 / 20 + y^2
    found, params = OPTIMIZERS[name](lr=0.05), {"x": np.array([-7.0, 2.0])}
    for _ in range(400):
        found.update(params, {"x": params["x"] * [0.1, 2]})
    assert (abs(params["x"]) < [5.5, 0.6]).all()


# Refused before anything changes


BAD = {
    "a key too few": (lambda p, g: (p, {"W1": g["W1"]}), "grads must have the keys of params, 'W1', 'b1', not 'W1'"),
    "a key too many": (lambda p, g: ({"W1": p["W1"]}, g), "grads must have the keys of params, 'W1', not 'W1', 'b1'"),
    "another key": (lambda p, g: (p, {"W1": g["W1"], "b2": g["b1"]}), "not 'W1', 'b2'"),
    "a shape": (lambda p, g: (p, {**g, "b1": g["W1"]}), r"grads\['b1'\] must have the shape \(2,\) of params\['b1'\]"),
    "a shape that broadcasts": (lambda p, g: (p, {**g, "b1": g["b1"][:1]}), r"grads\['b1'\] must have the shape"),
    "nan": (lambda p, g: (p, {**g, "b1": g["b1"] * np.nan}), r"grads\['b1'\] must be finite, but it is nan at \(0,\)"),
    "infinity": (lambda p, g: (p, {**g, "b1": g["b1"] * np.inf}), r"grads\['b1'\] must be finite"),
    "words": (lambda p, g: (p, {**g, "b1": ["a", "b"]}), r"grads\['b1'\] must be of real numbers"),
    "nothing": (lambda p, g: (p, {**g, "b1": None}), r"grads\['b1'\] must be of real numbers"),
    "another dtype": (lambda p, g: (p, {**g, "b1": np.float32(g["b1"])}), r"grads\['b1'\] must be float64"),
    "another device": (lambda p, g: (p, {**g, "b1": strict.asarray(g["b1"])}), r"grads\['b1'\] must be a numpy array"),
    "a parameter of nan": (lambda p, g: ({**p, "b1": p["b1"] * np.nan}, g), r"params\['b1'\] must be finite"),
    "a list": (lambda p, g: ({**p, "b1": [0.0, 0.0]}, g), r"params\['b1'\] must be an array .* in place, not list"),
    "a number": (lambda p, g: ({**p, "b1": 1.0}, {**g, "b1": 1.0}), r"params\['b1'\] must be an array .* not float"),
    "a number of NumPy's": (lambda p, g: ({**p, "b1": np.float64(1)}, g), r"params\['b1'\] must be an array"),
    "whole numbers": (lambda p, g: ({**p, "b1": np.array([1, 2])}, g), r"params\['b1'\] must be an array .* not int"),
    "other bytes": (
        lambda p, g: ({**p, "b1": p["b1"].astype(">f8")}, g),
        r"params\['b1'\] must be an array .* not >f8",
    ),
    "masked": (
        lambda p, g: ({**p, "b1": np.ma.masked_array(p["b1"])}, g),
        r"params\['b1'\] must not be a masked array",
    ),
    "params of a list": (lambda p, g: ([p["W1"]], g), "params must be a dict of arrays, not"),
    "grads of a list": (lambda p, g: (p, [g["W1"]]), "grads must be a dict of arrays, not"),
}


def snapshot(found):
    """All that an optimiser holds, as plain values."""
    return {
        name: {key: a.tolist() for key, a in value.items()} if isinstance(value, dict) else value
        for name, value in vars(found).items()
    }


@pytest.mark.parametrize("first", [True, False], ids=["first update", "second update"])
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", NAMES)
def test_bad_updates_are_refused_by_key_before_anything_changes(name, bad, first):
    make, message = BAD[bad]
    params, grads, found = arrays(0), arrays(1), OPTIMIZERS[name]()
    if not first:
        found.update(params, grads)
    kept, before = snapshot(found), {key: p.copy() for key, p in params.items()}
    with pytest.raises((ValueError, TypeError), match=message):
        found.update(*make(params, grads))
    for key, p in before.items():
        np.testing.assert_array_equal(params[key], p)
    assert snapshot(found) == kept


def test_a_parameter_that_is_read_only_is_refused_before_anything_changes():
    params = arrays(0)
    params["b1"].flags.writeable = False
    with pytest.raises(ValueError, match=r"params\['b1'\] must be an array that can be changed, but it is read-only"):
        SGD().update(params, arrays(1))
    np.testing.assert_array_equal(params["W1"], arrays(0)["W1"])


OTHERS = {
    "other keys": (lambda p: {"W1": p["W1"]}, r"params must have the keys of the first update, \['W1', 'b1'\], not"),
    "another shape": (lambda p: {**p, "b1": np.zeros(3)}, r"params\['b1'\] must be as in the first update, float64 of"),
    "a shorter one": (lambda p: {**p, "b1": np.zeros(1)}, r"params\['b1'\] must be as in the first update, float64 of"),
    "another dtype": (lambda p: {**p, "b1": np.zeros(2, np.float32)}, r"not float32 of shape \(2,\)"),
    "another device": (lambda p: {**p, "b1": strict.asarray(np.zeros(2))}, r"params\['b1'\] must be as in the first"),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", WITH_MEMORY)
def test_an_optimiser_with_a_memory_stays_with_the_parameters_of_its_first_update(name, other):
    make, message = OTHERS[other]
    params, found = arrays(0), OPTIMIZERS[name]()
    found.update(params, arrays(1))
    kept, changed = snapshot(found), make(params)
    before = {key: p.copy() for key, p in params.items()}
    with pytest.raises(ValueError, match=message):
        found.update(changed, {key: p * 0 for key, p in changed.items()})
    assert snapshot(found) == kept
    for key, p in before.items():
        np.testing.assert_array_equal(params[key], p)


def test_parameters_that_were_float32_at_first_stay_so():
    params, found = arrays(0, np.float32), Momentum()
    found.update(params, arrays(1, np.float32))
    with pytest.raises(ValueError, match=r"must be as in the first update, float32 of shape .* not float64"):
        found.update(arrays(0), arrays(1))


def test_sgd_remembers_nothing_and_takes_other_parameters():
    found = SGD()
    found.update(arrays(0), arrays(1))
    found.update({"x": np.zeros(5)}, {"x": np.ones(5)})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("lr", "message"),
    [
        (0, "lr must be above 0, not 0"),
        (-0.1, "lr must be above 0, not -0.1"),
        (math.nan, "lr must be finite"),
        (math.inf, "lr must be finite"),
        (True, "lr must be a real number, not True"),
        ("0.1", "lr must be a real number, not '0.1'"),
        (None, "lr must be a real number, not None"),
    ],
)
def test_a_bad_rate_is_refused(name, lr, message):
    for make in (OPTIMIZERS[name], lambda **options: optimizer(name, **options)):
        with pytest.raises((ValueError, TypeError), match=message):
            make(lr=lr)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Momentum(momentum=1), r"momentum must be in \[0, 1\), not 1"),
        (lambda: Nesterov(momentum=-0.1), r"momentum must be in \[0, 1\)"),
        (lambda: RMSprop(decay_rate=1.5), r"decay_rate must be in \[0, 1\)"),
        (lambda: Adam(beta1=1), r"beta1 must be in \[0, 1\)"),
        (lambda: Adam(beta2=math.nan), "beta2 must be finite"),
        (lambda: Adam(epsilon=0), "epsilon must be above 0"),
        (lambda: AdaGrad(epsilon=-1e-7), "epsilon must be above 0"),
        (lambda: RMSprop(epsilon=True), "epsilon must be a real number"),
    ],
)
def test_other_bad_options_are_refused_by_name(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_an_optimiser_is_found_by_its_name_in_capital_letters_or_small_ones():
    for name, kind in OPTIMIZERS.items():
        for spelled in (name, name.lower(), name.upper()):
            found = optimizer(spelled, lr=0.3)
            assert type(found) is kind
            assert found.lr == 0.3
    assert optimizer("adam", beta1=0.5, epsilon=1e-3).epsilon == 1e-3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "rmsprpo",
            r"name must be one of SGD, Momentum, Nesterov, AdaGrad, RMSprop, Adam, .*; did you mean 'RMSprop'\?",
        ),
        ("Adm", r"not 'Adm'; did you mean 'Adam'\?"),
        ("lbfgs", "not 'lbfgs'$"),
        ("", "not ''$"),
        (None, "name must be the name of one of SGD, Momentum, .*, not None"),
        (Adam, "name must be the name of one of SGD"),
    ],
    ids=range(6),
)
def test_an_unknown_name_is_refused_with_the_nearest_one(name, message):
    with pytest.raises((ValueError, TypeError), match=message):
        optimizer(name)


def test_an_option_that_an_optimiser_does_not_take_is_refused_by_name():
    with pytest.raises(TypeError, match="momentum"):
        optimizer("SGD", momentum=0.9)
