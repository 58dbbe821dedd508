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


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            "Adam",
            "Nothing takes none of the arguments of Adam: expected is Adam(lr=0.001, beta1=0.9, beta2=0.999) "
            "with the method update(params, grads); found is Adam() without update",
        ),
        (
            "Dropout",
            "Nothing takes none of the arguments of Dropout: expected is Dropout(dropout_ratio=0.5) with the methods "
            "forward(x, train_flg=True) and backward(dout); found is Dropout() without forward and backward",
        ),
    ],
)
def test_an_object_that_takes_none_of_the_arguments_is_told_what_is_expected_and_what_was_found(part, words):
    with pytest.raises(PortError) as refused:
        check_part(type("Nothing", (), {}), part)
    assert str(refused.value) == words


@pytest.mark.parametrize("part", [name for name, part in PARTS.items() if part.is_class])
def test_a_class_without_its_way_back_is_told_so_or_wrong_and_ends_no_check(part):
    kept = {k: v for k, v in vars(getattr(plain_parts, part)).items() if k not in ("backward", "update", "gradient")}
    try:
        assert check_part(type(part, (), kept)).verdict == "WRONG"
    except PortError as error:
        assert "has no backward" in str(error) or "has no method" in str(error)  # noqa: PT017 either is right


def test_mistakes_are_named_in_an_optimiser_of_one_array_and_in_a_pooling_of_one_size():
    class Uphill(ArraySGD):
        def update(self, w, dw):
            w += self.lr * dw

    class Means(SquarePooling):
        def forward(self, x):
            return super().forward(x) * 0.5

    assert check_part(Uphill, "SGD").mistakes == ("uphill",)
    assert not check_part(Means, "Pooling").right


def test_a_function_named_as_a_listing_and_as_a_part_is_the_part_where_it_takes_its_arguments():
    def cross_entropy(y, t):
        return -np.sum(t * np.log(y + 1e-7)) / len(np.atleast_2d(y))

    assert check(cross_entropy).part.name == "cross_entropy_error"
    assert check(deltarule.backprop_ce, "crossentropy").listing == "backprop_ce"


def test_a_class_that_has_a_listings_name_is_told_that_a_function_is_checked():
    with pytest.raises(CheckError, match=r"backprop_xor is a function, and BackpropXOR a class; .* train = Name\(\)"):
        check(type("BackpropXOR", (), {}))


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


class SizedBatchNorm(TorchBatchNorm):
    """Batch normalisation that makes its own parameters, of a number of features."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__(np.ones(dim), np.zeros(dim), eps, momentum)


class ModalBatchNorm(plain_parts.BatchNormalization):
    """One whose parameters are rows of a dict, and which is told by an attribute whether it is trained."""

    def __init__(self, num_features, momentum=0.9):
        super().__init__(None, None, momentum)
        self.params, self.training = {"gamma": np.ones((1, num_features)), "beta": np.zeros((1, num_features))}, True

    def forward(self, x):
        self.gamma, self.beta = self.params["gamma"], self.params["beta"]
        return super().forward(x, self.training)


class NamedBatchNorm(plain_parts.BatchNormalization):
    """One with weight and bias, their gradients under these names, and train() and eval()."""

    def __init__(self, size):
        super().__init__(None, None)
        self.weight, self.bias, self._in_training = np.ones(size), np.zeros(size), True

    def train(self):
        self._in_training = True

    def eval(self):
        self._in_training = False

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        self.gamma, self.beta = self.weight, self.bias
        return super().forward(x, self._in_training)

    def backward(self, dout):
        dx = super().backward(dout)
        self.dweight, self.dbias = self.__dict__.pop("dgamma"), self.__dict__.pop("dbeta")
        return dx


class ModalDropout(plain_parts.Dropout):
    """Dropout that is told by an attribute whether it is trained."""

    def __init__(self, dropout_ratio):
        super().__init__(dropout_ratio)
        self.train = True

    def forward(self, x):
        return super().forward(x, self.train)


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


class ArraySGD:
    """An optimiser of one array, which it changes in place."""

    def __init__(self, lr):
        self.lr = lr

    def update(self, w, dw):
        w -= self.lr * dw


class ArrayMomentum:
    """Momentum of one array, which comes back anew."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, 0.0

    def update(self, w, dw):
        self.v = self.momentum * self.v - self.lr * dw
        return w + self.v


class SquarePooling(plain_parts.Pooling):
    """Pooling whose windows have one size."""

    def __init__(self, size=2, stride=2):
        super().__init__(size, size, stride)


OTHERWISE = {
    "one array in place": ("SGD", ArraySGD, "takes one array"),
    "one array anew": ("Momentum", ArrayMomentum, "takes one array"),
    "one size of windows": ("Pooling", SquarePooling, "of one size"),
    "weights transposed": ("Affine", Transposed, "weights are transposed"),
    "called": ("Affine", Transposed, "__call__ stands for forward"),
    "gradients returned": ("Affine", Together, "backward gives dW, db as well"),
    "new parameters": ("Adam", TorchAdam, "returns new parameters"),
    "epsilon as in PyTorch": ("Adam", TorchAdam, "root of the corrected v"),
    "lists of parameters": ("SGD", ListedSGD, "are lists"),
    "another epsilon": ("BatchNormalization", TorchBatchNorm, "epsilon is 1e-05"),
    "momentum turned": ("BatchNormalization", TorchBatchNorm, "share of the new batch"),
    "its own parameters": ("BatchNormalization", SizedBatchNorm, "its own gamma and beta are set here"),
    "parameters in a dict": ("BatchNormalization", ModalBatchNorm, "its own gamma and beta are set here"),
    "an attribute for training": ("BatchNormalization", ModalBatchNorm, "attribute training says"),
    "parameters of other names": ("BatchNormalization", NamedBatchNorm, "its own weight and bias are set here"),
    "train() and eval()": ("BatchNormalization", NamedBatchNorm, "train() and eval() say"),
    "dropout that is told by an attribute": ("Dropout", ModalDropout, "attribute train says"),
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


def sized(plain):
    """A plain form of batch normalisation as a class that is made of a number of features."""

    class Sized(plain):
        def __init__(self, dim, momentum=0.9):
            super().__init__(np.ones(dim), np.zeros(dim), momentum)

    return Sized


@pytest.mark.parametrize("id", list(PLANTS["BatchNormalization"])[::4])
def test_a_mistake_is_named_in_a_layer_that_makes_its_own_parameters(id):
    port = planted("BatchNormalization", PLANTS["BatchNormalization"][id])
    assert check_part(sized(port), "BatchNormalization").mistakes == check_part(port, "BatchNormalization").mistakes


def test_what_no_mistake_explains_is_told_by_the_form_that_it_has_most_in_common_with():
    class BatchNorm(TorchBatchNorm):
        def backward(self, dout):
            return 1.5 * super().backward(dout)

    found = check_part(BatchNorm)
    assert (found.verdict, found.mistakes, found.first.off) == (
        "WRONG", (), {"backward": "is off by 50 % of its largest element"}
    )  # fmt: skip
    assert "epsilon is 1e-05, where it is 1e-06 here" in found.notes
    assert found.unexplained[0] == "backward is 1.5 times what it should be, at every place"


def test_a_layer_of_a_number_of_features_without_parameters_to_set_is_told_so():
    class BatchNorm(sized(plain_parts.BatchNormalization)):
        def __init__(self, dim):
            super().__init__(dim)
            self.scales = self.__dict__.pop("gamma")

    with pytest.raises(CheckError, match="made of the number of features, and has no gamma of 4 numbers"):
        check_part(BatchNorm)


def test_a_layer_that_can_be_made_of_neither_is_told_by_its_first_error():
    class BatchNorm:
        def __init__(self, gamma, beta):
            raise RuntimeError("not to be made")

    with pytest.raises(CheckError, match="BatchNorm raises RuntimeError: not to be made"):
        check_part(BatchNorm)


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


class Plain:
    """An affine layer as the notes print it first, which flattens nothing."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW, self.db = np.dot(self.x.T, dout), dout.sum(axis=0)
        return np.dot(dout, self.W.T)


def test_an_affine_layer_that_takes_no_images_is_right_and_that_is_said():
    found = check_part(Plain, "Affine")
    assert found.right
    assert [note for note in found.notes if "it takes 2-D inputs, and no images" in note]


def test_an_affine_layer_that_takes_no_images_has_its_mistakes_named_alone():
    class Wrong(Plain):
        def backward(self, dout):
            dx = super().backward(dout)
            self.db = dout.mean(axis=0)
            return dx

    assert check_part(Wrong, "Affine").mistakes == ("db-mean",)


def test_an_affine_layer_that_takes_images_forward_and_raises_on_the_way_back_is_wrong():
    class Wrong(Plain):
        def forward(self, x):
            self.x = x
            return x.reshape(len(x), -1) @ self.W + self.b

        def backward(self, dout):
            self.dW, self.db = np.einsum("ni,no->io", self.x, dout), dout.sum(axis=0)
            return dout @ self.W.T

    found = check_part(Wrong, "Affine")
    assert not found.right
    assert "Wrong.backward raises ValueError" in str(found.first)


def test_right_numbers_in_another_shape_are_said_to_be_so_and_not_to_be_off_by_a_factor():
    class Wrong(Plain):
        def forward(self, x):
            self.x = x.reshape(len(x), -1)
            return self.x @ self.W + self.b

        def backward(self, dout):
            dx = super().backward(dout)
            self.dW = self.dW ** (3 if len(self.dW) == 12 else 1)
            return dx

    text = " ".join(str(check_part(Wrong, "Affine")).split())
    assert "backward has the right numbers, in the shape (4, 12) and not (4, 2, 3, 2)" in text
    assert "is 1 times" not in text


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


SYMBOLS = {
    "x", "y", "e", "z", "t", "m", "v", "h", "n", "w", "b", "s", "p", "slope", "mask", "total", "cost",
    "squares", "delta", "dy", "gradient", "width", "point", "rate", "in_use", "dx", "dW", "db", "da", "mean",
    "var", "std", "xn", "dxn", "dgamma", "dbeta", "running_mean", "running_var", "epsilon", "scale", "share",
    "col", "image", "filters", "s1", "s2", "a1", "z1", "a2", "dz1", "da1", "hits", "accuracy", "loss",
    "predict", "count", "factor", "size",
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_quantity_is_called_by_a_symbol_of_the_document_or_in_words(part):
    part = PARTS[part]
    for name in part.steps:
        assert " " in part.label(name) or part.label(name) in SYMBOLS | {"forward", "backward"}, name
    for mistake in part.mistakes:
        assert "_p " not in mistake.says
        first = mistake.should.split()[0]
        assert first not in part.steps or first in SYMBOLS, mistake


def test_what_would_have_to_differ_is_told_without_names_of_our_own():
    found = check_part(lambda size, filter, stride=1, pad=0: (size + 2 * pad - filter) / stride + 3, "output_size")
    assert found.unexplained[-1] == "what would have to differ is one of the numerator, the size, or more than one"
    names = {name for part in PARTS.values() for name in part.steps} - SYMBOLS
    said = [text for part in PARTS.values() for m in part.mistakes for text in (m.says, m.should)]
    assert [text for text in said if set(text.split()[:1]) & names] == []


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
