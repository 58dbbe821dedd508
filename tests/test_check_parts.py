"""A reader's functions, layers and optimisers: the right ones are right, and each mistake planted is named alone."""

import functools
import inspect
import math
from pathlib import Path

import numpy as np
import plain_parts
import pytest
from closeness import assert_within
from plants_parts import PLANTS

import deltarule
from deltarule import layers
from deltarule.check import PARTS, CheckError, check, check_part
from deltarule.check.errors import PortError
from deltarule.check.parts.compare import Tried
from deltarule.evidence.errata import read_errata

NAMES = {**vars(deltarule), **{name: thing for name, thing in vars(layers).items() if callable(thing)}}
OURS = {name: NAMES[name] for name in PARTS if name in NAMES}


@functools.cache  # which reads the whole file each time
def text_of(part):
    """The text of an object of `plain_parts`."""
    return inspect.getsource(getattr(plain_parts, part))


def planted(part, changes):
    """An object of `plain_parts` with parts of its text replaced, each of which stands there once."""
    source = text_of(part)
    for old, new in changes:
        assert old != new
        assert source.count(old) == 1, f"{part}: {old!r} is there {source.count(old)} times"
        source = source.replace(old, new)
    namespace = dict(vars(plain_parts))
    exec(source, namespace)
    return namespace[part]


def test_each_mistake_of_each_part_has_its_plant():
    assert {part: set(plants) for part, plants in PLANTS.items()} == {
        name: {m.id for m in part.mistakes} for name, part in PARTS.items()
    }
    assert sum(map(len, PLANTS.values())) >= 500


@pytest.mark.parametrize("part", PARTS)
def test_the_plain_form_of_a_part_is_right(part):
    found = check_part(getattr(plain_parts, part))
    assert (found.right, found.verdict, found.mistakes) == (True, "RIGHT", ())


@pytest.mark.parametrize("part", OURS)
def test_our_own_part_is_right(part):
    assert check_part(OURS[part], part).right


@pytest.mark.parametrize("part", PARTS)
def test_some_mistakes_planted_in_a_part_are_named_alone(part):
    for id in sorted(PLANTS[part])[::5]:
        assert check_part(planted(part, PLANTS[part][id])).mistakes == (id,)


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_each_mistake_planted_in_a_part_is_named_alone(part):
    for id, changes in PLANTS[part].items():
        found = check_part(planted(part, changes))
        assert (found.verdict, found.mistakes) == ("WRONG", (id,))


PAIRS = {
    "Adam": ("no-correction", "v-of-beta1"),
    "Affine": ("dw-mean", "no-bias"),
    "AdaGrad": ("times-epsilon", "once"),
    "BatchNormalization": ("n-minus-1", "no-gamma"),
    "SoftmaxWithLoss": ("cost-without-n", "dx-without-n"),
    "Sigmoid": ("exp-plus", "slope-half"),
    "im2col": ("pad-ones", "turned"),
    "Momentum": ("reset", "gradient-again"),
    "TwoLayerNet": ("no-bias-1", "gb2-mean"),
    "Pooling": ("zero-padding", "backward-shared"),
}


@pytest.mark.parametrize("part", PAIRS)
def test_two_mistakes_in_one_part_are_named_together(part):
    first, second = PAIRS[part]
    found = check_part(planted(part, [*PLANTS[part][first], *PLANTS[part][second]]))
    assert {first, second} in [set(name.split("+")) for name in found.mistakes]


def test_a_class_is_checked_by_the_name_of_its_part_and_a_listing_as_a_listing():
    assert check(plain_parts.Adam).part.name == "Adam"
    assert check(deltarule.delta_sgd).listing == "delta_sgd"
    assert check(lambda x: 1 / (1 + np.exp(-x)), "sigmoid").right


def test_a_value_just_beyond_the_bound_is_wrong_and_one_within_it_right():
    def off(by):
        return lambda x: 1 / (1 + np.exp(-x)) * (1 + by)

    assert check_part(off(0.4e-9), "sigmoid").right
    assert not check_part(off(2e-9), "sigmoid").right
    assert not check_part(off(2e-9), "sigmoid").mistakes


def test_the_deviation_is_the_largest_where_it_differs_first_and_none_where_that_is_no_number():
    assert_within(check_part(lambda x: 1.25 * np.maximum(x, 0), "relu").deviation, 0.25, absolute=1e-12, relative=0)
    assert check_part(lambda x: np.exp(x) / (1 + np.exp(x)), "sigmoid").deviation is None
    assert check_part(plain_parts.relu).deviation == 0


def test_the_text_says_what_is_wrong_what_it_should_be_and_the_verdict():
    text = str(check_part(planted("AdaGrad", PLANTS["AdaGrad"][sorted(PLANTS["AdaGrad"])[0]])))
    assert text.splitlines()[-1].split() == ["verdict", "WRONG,", "exit", "1"]
    assert "should be" in text
    right = str(check_part(plain_parts.relu))
    assert right.splitlines()[-1].split() == ["verdict", "RIGHT"]


@pytest.mark.parametrize(
    ("object", "name", "error", "words"),
    [
        (lambda x: x, "sigmoidal", CheckError, "name must be one of .*sigmoid.*, not 'sigmoidal'|sigmoidal"),
        (lambda x: x, None, CheckError, "say which one"),
        (lambda: 1, "sigmoid", CheckError, "argument"),
        (lambda x: x.nothing, "sigmoid", PortError, "AttributeError.*nothing"),
        (lambda x: "text", "relu", CheckError, "number"),
        (lambda x: x * np.nan, "relu", PortError, "not finite at 7 of 7 places"),
        (lambda x: x[:2], "relu", PortError, r"shape \(2,\), where \(7,\)"),
        (type("Relu", (), {}), None, PortError, "no method forward"),
        (type("Relu", (), {"forward": lambda self: 1}), None, PortError, "1 argument here"),
        (type("SGD", (), {"__init__": lambda self, lr: None}), None, PortError, "no method update"),
        (3, "relu", CheckError, "must be a function or a class, not 3"),
        (np, "relu", CheckError, "must be a function or a class"),
    ],
    ids=[
        "unknown",
        "no name",
        "no argument",
        "raises",
        "no number",
        "nan",
        "shape",
        "no forward",
        "arguments",
        "no update",
        "number",
        "module",
    ],
)
def test_what_cannot_be_checked_is_said(object, name, error, words):
    with pytest.raises(error, match=f"(?s){words}"):
        check_part(object, name)


def test_float32_is_right_within_its_own_limits():
    def softmax(x):
        x = np.asarray(x, np.float32)
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    found = check_part(softmax)
    assert found.right
    assert "float32" in str(found)


class Transposed:
    """An affine layer as PyTorch has it: weights (outputs, inputs), called, with gradients under other names."""

    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias

    def __call__(self, x):
        self.x = x
        return x.reshape(len(x), -1) @ self.weight.T + self.bias

    def backward(self, dout):
        self.weight_grad = self.W_grad = dout.T @ self.x.reshape(len(self.x), -1)
        self.b_grad = dout.sum(axis=0)
        return (dout @ self.weight).reshape(self.x.shape)


class Together:
    """An affine layer whose backward gives all three gradients."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x.reshape(len(x), -1) @ self.W + self.b

    def backward(self, dout):
        return (dout @ self.W.T).reshape(self.x.shape), self.x.reshape(len(self.x), -1).T @ dout, dout.sum(axis=0)


class TorchAdam:
    """Adam as in PyTorch, which returns new parameters."""

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.lr, self.betas, self.eps, self.t, self.state = lr, betas, eps, 0, {}

    def step(self, params, grads):
        (b1, b2), new = self.betas, {}
        self.t += 1
        for key, g in grads.items():
            m, v = self.state.get(key, (0, 0))
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            self.state[key] = m, v
            root = np.sqrt(v / (1 - b2**self.t))
            new[key] = params[key] - self.lr * m / (1 - b1**self.t) / (root + self.eps)
        return new


class ListedSGD:
    """An optimiser whose parameters are a list."""

    def __init__(self, lr):
        self.lr = lr

    def update(self, params, grads):
        for k in range(len(params)):
            params[k] -= self.lr * grads[k]


class TorchBatchNorm:
    """Batch normalisation as in PyTorch: another epsilon, momentum the other way round, N - 1 in the average."""

    def __init__(self, gamma, beta, eps=1e-5, momentum=0.1):
        self.gamma, self.beta, self.eps, self.momentum = gamma, beta, eps, momentum
        self.mean, self.var = np.zeros(len(gamma)), np.ones(len(gamma))

    def forward(self, x, training=True):
        mean, var = (x.mean(axis=0), x.var(axis=0)) if training else (self.mean, self.var)
        if training:
            self.mean = (1 - self.momentum) * self.mean + self.momentum * mean
            self.var = (1 - self.momentum) * self.var + self.momentum * x.var(axis=0, ddof=1)
        self.std = np.sqrt(var + self.eps)
        self.xn = (x - mean) / self.std
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.xn).sum(axis=0), dout.sum(axis=0)
        d = dout * self.gamma
        return (d - d.mean(axis=0) - self.xn * (d * self.xn).mean(axis=0)) / self.std


class InvertedDropout:
    """Dropout that is scaled in training, as in the frameworks."""

    def __init__(self, p):
        self.p = p

    def forward(self, x, train=True):
        kept = np.random.rand(*x.shape) >= self.p  # noqa: NPY002 as people have it
        self.mask = kept / (1 - self.p) if train else np.ones(x.shape)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


OTHERWISE = {
    "weights transposed": ("Affine", Transposed, "weights are transposed"),
    "called": ("Affine", Transposed, "__call__ stands for forward"),
    "gradients returned": ("Affine", Together, "backward gives dW, db as well"),
    "new parameters": ("Adam", TorchAdam, "returns new parameters"),
    "epsilon as in PyTorch": ("Adam", TorchAdam, "root of the corrected v"),
    "lists of parameters": ("SGD", ListedSGD, "are lists"),
    "another epsilon": ("BatchNormalization", TorchBatchNorm, "epsilon is 1e-05"),
    "momentum turned": ("BatchNormalization", TorchBatchNorm, "share of the new batch"),
    "inverted dropout": ("Dropout", InvertedDropout, "scaled in training"),
    "one-hot": ("cross_entropy_error", lambda y, t: -np.sum(t * np.log(y + 1e-7)) / len(y), "with one-hot rows"),
    "digits": (
        "cross_entropy_error",
        lambda y, t: -np.log(y[np.arange(len(y)), t] + 1e-7).mean(),
        "must be digits",
    ),
    "another delta": (
        "cross_entropy_error",
        lambda y, t: -np.log(np.clip(np.sum(y * t, axis=-1), 1e-12, 1 - 1e-12)).mean(),
        "1e-12",
    ),
    "a list": ("relu", lambda x: np.maximum(x, 0).tolist(), "as a list"),
    "numbers": ("sigmoid", lambda x: 1 / (1 + math.exp(-max(x, -700))), "one number at a time"),
    "columns": ("softmax", deltarule.softmax, "samples are columns"),
    "maps first": ("pool", lambda x: x.reshape(3, 3, 2, -1, 2).mean(axis=(2, 4)), "the maps come first"),
    "another slope": ("leaky_relu", lambda x: np.where(x > 0, x, 0.01 * x), "0.01"),
    "another h": ("numerical_diff", lambda f, x: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5, "h is 1e-05"),
}


@pytest.mark.parametrize("form", OTHERWISE)
def test_a_right_form_of_another_convention_is_right_and_the_convention_is_said(form):
    part, thing, words = OTHERWISE[form]
    found = check_part(thing, part)
    assert found.right
    assert words in " ".join(found.notes)


@pytest.mark.parametrize("name", ["sigmoid", "relu", "softmax", "dropout", "conv", "pool"])
def test_the_functions_of_the_listings_are_right(name):
    assert check_part(getattr(deltarule, name)).right


@pytest.mark.parametrize("part", PARTS)
def test_each_quantity_of_a_part_is_wrong_as_soon_as_it_is_beyond_the_bound(part):
    part = PARTS[part]
    tried = Tried(part, part.use, "", getattr(plain_parts, part.name), "mine")
    assert tried.worst(part.steps) is not None
    for result in tried.results:
        for name, value in dict(result.found).items():
            value = np.array(value, np.float64)
            largest = np.unravel_index(abs(value).argmax(), value.shape)
            for by, right in ((0.5e-9, True), (2e-9, False)):
                moved = value.copy()
                moved[largest] += by * (abs(moved[largest]) or 1.0)
                result.found[name] = moved
                assert (tried.worst(part.steps) is not None) == (right and value.any()), (result.probe.name, name, by)
            result.found[name] = value


def test_an_argument_that_is_overwritten_is_said():
    def softmax(x):
        x -= x.max(axis=-1, keepdims=True)
        return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)

    found = check_part(softmax)
    assert found.right
    assert "it overwrites the x that it is given" in found.notes


def test_a_cost_that_takes_batches_alone_overwrites_outputs_where_it_does_and_nowhere_else():
    def cross_entropy_error(y, t):
        if y.ndim == 1:
            raise ValueError("y must be a batch")
        return -np.sum(t * np.log(y + 1e-7)) / len(y)

    def overwrites(y, t):
        y += 1e-7
        return -np.sum(t * np.log(y)) / len(y) if y.ndim == 2 else -np.sum(t * np.log(y))

    found = check_part(cross_entropy_error)
    assert (found.right, any("overwrites" in note for note in found.notes)) == (True, False)
    assert "it overwrites the y that it is given" in check_part(overwrites, "cross_entropy_error").notes


def test_what_came_out_in_another_shape_is_said_and_not_that_there_is_no_gradient():
    class Sigmoid:
        def forward(self, x):
            return (1 / (1 + np.exp(-x))).T

        def backward(self, dout):
            raise AssertionError("there is no dout that fits")

    with pytest.raises(PortError) as refused:
        check_part(Sigmoid)
    assert str(refused.value) == "Sigmoid: a batch: forward has the shape (3, 2), where (2, 3) is wanted"


def test_a_part_of_one_quantity_is_not_told_of_as_of_several():
    assert "quantities    the only one agrees within rounding" in str(check_part(deltarule.layers.AND))
    assert "reproduces the only quantity within rounding" in str(check_part(deltarule.layers.OR, "AND"))
    assert "quantities    all 3 agree within rounding" in str(check_part(deltarule.sigmoid))


def test_what_no_mistake_explains_is_told_by_its_factor_and_what_would_have_to_differ():
    def relu(x):
        return 3 * np.maximum(x, 0)

    found = check_part(relu)
    assert (found.verdict, found.mistakes) == ("WRONG", ())
    assert "3 times" in found.unexplained[0]
    assert "dy" not in found.unexplained[1].split()


def test_the_lines_of_a_layer_that_raises_are_its_own():
    class Sigmoid:
        def forward(self, x):
            self.out = 1 / (1 + np.exp(-x))
            return self.out

        def backward(self, dout):
            return dout * self.y

    with pytest.raises(
        PortError, match="(?s)Sigmoid.backward raises AttributeError.*in backward: return dout"
    ) as raised:
        check_part(Sigmoid)
    assert "part_mine" not in str(raised.value)


def test_each_erratum_of_a_mistake_is_in_the_list():
    errata = {e.id for e in read_errata(Path(__file__).resolve().parent.parent / "reference" / "errata.toml")}
    used = {m.erratum for part in PARTS.values() for m in part.mistakes if m.erratum}
    assert used <= errata
    assert len(used) >= 15
