"""A port may be written in many right forms, none of which is called wrong; what cannot be checked is refused."""

import functools

import numpy as np
import plain
import pytest
from checked import finding
from plain import sigmoid

import deltarule
from deltarule.check import CheckError, check
from deltarule.check.memory import Memory

TRANSPOSED = "weights are transposed"
COLUMNS = "samples are columns"
IN_PLACE = "the weights that it is given are changed in place, where MATLAB leaves them as they are"


def sample(W1, W2, x, d, alpha=0.9):
    """The new weights of back-propagation after one sample."""
    y1 = sigmoid(W1 @ x)
    y = sigmoid(W2 @ y1)
    delta = y * (1 - y) * (d - y)
    delta1 = y1 * (1 - y1) * (W2.T @ delta)
    return W1 + alpha * delta1 @ x.T, W2 + alpha * delta @ y1.T


def in_place(W1, W2, X, D):
    for x, d in zip(X, D, strict=True):
        W1[:], W2[:] = sample(W1, W2, x[:, None], d)


def in_place_and_returned(W1, W2, X, D):
    in_place(W1, W2, X, D)
    return W1, W2


def in_place_with_error(W1, W2, X, D):
    in_place(W1, W2, X, D)
    return 0.25


def as_list(W1, W2, X, D):
    return list(plain.backprop_xor(W1, W2, X, D))


def as_dict(W1, W2, X, D):
    W1, W2 = plain.backprop_xor(W1, W2, X, D)
    return {"W2": W2, "W1": W1}


def nested_lists(W1, W2, X, D):
    return tuple(W.tolist() for W in plain.backprop_xor(W1, W2, X, D))


def one_list(W, X, D):
    return plain.backprop_xor(*W, X, D)


def one_list_in_place(W, X, D):
    W[0], W[1] = plain.backprop_xor(*W, X, D)


def with_errors(W1, W2, X, D):
    return *plain.backprop_xor(W1, W2, X, D), 0.25


def targets_before_samples(W1, W2, D, X):
    return plain.backprop_xor(W1, W2, X, D)


def by_keyword(*, weights1, weights2, inputs, targets):
    return plain.backprop_xor(weights1, weights2, inputs, targets)


def column_targets(W1, W2, X, D):
    for k in range(4):
        W1, W2 = sample(W1, W2, X[[k]].T, D[k, 0])
    return W1, W2


def row_targets(W1, W2, X, D):
    for k in range(4):
        W1, W2 = sample(W1, W2, X[[k]].T, D[0, k])
    return W1, W2


def sample_columns(W1, W2, X, D):
    for k in range(X.shape[1]):
        W1, W2 = sample(W1, W2, X[:, [k]], D[k])
    return W1, W2


def sample_and_target_columns(W1, W2, X, D):
    for k in range(X.shape[1]):
        W1, W2 = sample(W1, W2, X[:, [k]], D[0, k])
    return W1, W2


def transposed(W1, W2, X, D):
    for k in range(len(X)):
        W1, W2 = (W.T for W in sample(W1.T, W2.T, X[[k]].T, D[k]))
    return W1, W2


def hard_coded(W1, W2, X, D):
    for k in range(4):
        W1, W2 = sample(W1, W2, X[k].reshape(3, 1), D[k])
    return W1, W2


def other_order(W1, W2, X, D):
    """Sums from the last term to the first."""
    for x, d in zip(X, D, strict=True):
        y1 = sigmoid(np.einsum("ij,j->i", W1[:, ::-1], x[::-1]))
        y = sigmoid(np.einsum("ij,j->i", W2[:, ::-1], y1[::-1]))
        delta = (d - y) * (y - y * y)
        delta1 = (y1 - y1 * y1) * np.einsum("ij,i->j", W2, delta)
        W1, W2 = W1 + np.outer(delta1 * 0.9, x), W2 + np.outer(delta, y1) * 0.9
    return W1, W2


def needs_alpha(W1, W2, X, D, alpha):
    return plain.backprop_xor(W1, W2, X, D, alpha)


def needs_rate_between(W1, W2, lr, X, D):
    return plain.backprop_xor(W1, W2, X, D, lr)


def with_epochs(W1, W2, X, D, alpha, epochs):
    for _ in range(epochs):
        W1, W2 = plain.backprop_xor(W1, W2, X, D, alpha)
    return W1, W2


def with_options(W1, W2, X, D, alpha=0.9, verbose=False):
    return plain.backprop_xor(W1, W2, X, D, alpha)


def any_arguments(*arguments):
    return plain.backprop_xor(*arguments)


class Trainer:
    """An object that is called."""

    def __call__(self, W1, W2, X, D):
        return plain.backprop_xor(W1, W2, X, D)

    def method(self, W1, W2, X, D):
        return plain.backprop_xor(W1, W2, X, D)


RIGHT = [
    (plain.backprop_xor, ()),
    (deltarule.backprop_xor, ()),
    (in_place, (IN_PLACE,)),
    (in_place_and_returned, (IN_PLACE,)),
    (in_place_with_error, (IN_PLACE,)),
    (as_list, ("the weights come back as a list",)),
    (as_dict, ("the weights come back as a dict",)),
    (nested_lists, ()),
    (one_list, ()),
    (one_list_in_place, (IN_PLACE,)),
    (with_errors, ("of the 3 values that come back the first 2 are taken",)),
    (targets_before_samples, ()),
    (by_keyword, ()),
    (column_targets, ("targets are (N, 1)", "it takes 4 samples, and no fewer")),
    (row_targets, ("targets are (1, N)", "it takes 4 samples, and no fewer")),
    (sample_columns, (COLUMNS,)),
    (sample_and_target_columns, (COLUMNS, "targets are (1, N)")),
    (transposed, (TRANSPOSED,)),
    (hard_coded, ("it takes 4 samples, and no fewer",)),
    (other_order, ()),
    (needs_alpha, ()),
    (needs_rate_between, ()),
    (with_epochs, ()),
    (with_options, ()),
    (any_arguments, ()),
    (Trainer(), ()),
    (Trainer().method, ()),
]


@pytest.mark.parametrize(("function", "notes"), RIGHT, ids=[getattr(f, "__qualname__", "object") for f, _ in RIGHT])
def test_a_right_form_is_right_and_its_difference_is_said(function, notes):
    found = finding(function, "backprop_xor")
    assert found.right, str(found)
    assert found.notes == notes
    assert found.within <= 1e-12


DENSE = ("delta_sgd", "delta_batch", "delta_minibatch", "backprop_mmt", "backprop_ce", "multi_class")


@pytest.mark.parametrize("listing", DENSE)
@pytest.mark.parametrize("module", [plain, deltarule], ids=["plain", "ours"])
def test_each_listing_is_right_in_the_plain_form_and_in_ours(module, listing):
    found = finding(getattr(module, listing))
    assert found.right
    assert not found.notes


@pytest.mark.slow
@pytest.mark.parametrize(
    "function", [in_place, other_order, transposed, hard_coded, plain.delta_batch, plain.multi_class]
)
def test_a_right_form_is_right_after_as_many_epochs_as_the_listing_has(function):
    listing = getattr(function, "__name__", "")
    assert check(function, listing if hasattr(plain, listing) else "backprop_xor").right


def single(listing):
    """A plain listing computed in float32."""
    function = getattr(plain, listing)

    def port(*arguments):
        *W, X, D = (np.asarray(a, np.float32) for a in arguments)
        W = function(*W, X, D, np.float32(0.9))
        return tuple(w.astype(np.float32) for w in W) if isinstance(W, tuple) else W.astype(np.float32)

    return port


@pytest.mark.parametrize("listing", ["delta_sgd", "delta_batch", "delta_minibatch", "backprop_xor", "multi_class"])
def test_float32_is_right_within_its_limits_and_said(listing):
    found = finding(single(listing), listing, (1, 10, 100))
    assert found.right, str(found)
    assert found.notes == ("it computes in float32, where MATLAB computes in double precision",)


@pytest.mark.slow
def test_float32_is_right_after_as_many_epochs_as_the_listing_has():
    assert check(single("backprop_xor"), "backprop_xor").right


def test_a_mistake_in_float32_is_wrong():
    def wrong(W1, W2, X, D):
        return single("backprop_xor")(W1, W2, X, 1 - D)

    assert not finding(wrong, "backprop_xor").right


def flat(W1, W2, X, D):
    for x, d in zip(X, D, strict=True):
        x = x[:, None]
        y1 = sigmoid(W1 @ x)
        e = d[:, None] - plain.softmax(W2 @ y1)
        W1, W2 = W1 + 0.9 * (y1 * (1 - y1) * (W2.T @ e)) @ x.T, W2 + 0.9 * e @ y1.T
    return W1, W2


def flat_columns(W1, W2, X, D):
    return flat(W1, W2, X.T, D)


def as_in_matlab(W1, W2, X, D):
    return plain.multi_class(W1, W2, np.moveaxis(X, -1, 0), D)


IMAGES = [
    (flat, "images are given as vectors"),
    (flat_columns, "images are given as vectors, as columns"),
    (as_in_matlab, "images lie along the last axis, as in MATLAB"),
]


@pytest.mark.parametrize(("function", "note"), IMAGES, ids=[f.__name__ for f, _ in IMAGES])
def test_images_may_be_laid_out_otherwise(function, note):
    found = finding(function, "multi_class")
    assert found.right
    assert found.notes == (note,)


def test_a_port_that_takes_images_and_reads_them_row_by_row_is_wrong_though_vectors_would_suit_it():
    def row_by_row(W1, W2, X, D):
        return flat(W1, W2, X.reshape(len(X), -1), D)

    assert finding(row_by_row, "multi_class").mistakes == ("row-by-row",)


COUNT = 0


def counts(W1, W2, X, D):
    global COUNT
    COUNT += 1
    return plain.backprop_xor(W1, W2, X, D, 0.9 if COUNT < 12 else 0.5)


def test_what_a_port_keeps_between_calls_is_put_back_before_each_start():
    assert finding(counts, "backprop_xor").right
    assert COUNT == 10, "those of the last start"


@pytest.mark.slow
def test_the_public_check_leaves_what_a_port_keeps_as_it_was():
    before = COUNT
    check(counts, "backprop_xor")
    assert before == COUNT


class Optimizer:
    """Momentum that is kept in an object."""

    def __init__(self):
        self.m1, self.m2 = np.zeros((4, 3)), np.zeros((1, 4))

    def train(self, W1, W2, X, D):
        for x, d in zip(X, D, strict=True):
            new1, new2 = sample(W1, W2, x[:, None], d)
            self.m1, self.m2 = new1 - W1 + 0.9 * self.m1, new2 - W2 + 0.9 * self.m2
            W1, W2 = W1 + self.m1, W2 + self.m2
        return W1, W2


def in_closure():
    """Momentum that is kept in a closure, and begun at the first call."""
    m = None

    def train(W1, W2, X, D):
        nonlocal m
        for x, d in zip(X, D, strict=True):
            new = sample(W1, W2, x[:, None], d)
            change = [new[0] - W1, new[1] - W2]
            m = change if m is None else [a + 0.9 * b for a, b in zip(change, m, strict=True)]
            W1, W2 = W1 + m[0], W2 + m[1]
        return W1, W2

    return train


GLOBAL = Optimizer()


def in_global_object(W1, W2, X, D):
    return GLOBAL.train(W1, W2, X, D)


@pytest.mark.parametrize(
    "function", [Optimizer().train, in_closure(), in_global_object], ids=["object", "closure", "global"]
)
def test_momentum_that_is_kept_is_told_wherever_it_is_kept(function):
    assert finding(function, "backprop_mmt").mistakes == ("momentum-kept",)


def one_argument(W):
    return W


def two_arguments(W, X):
    return W


def five_weights(W1, W2, W3, W4, W5, X, D):
    return W1


def raises(W1, W2, X, D):
    return broken(W1)


def broken(W1):
    return W1[len(W1)]


def nothing(W1, W2, X, D):
    return None


def one_of_two(W1, W2, X, D):
    return W1


def other_shapes(W1, W2, X, D):
    return W1[:2], W2


def words(W1, W2, X, D):
    return "W1", "W2"


def numbers_in_words(W1, W2, X, D):
    return W1.astype(str), W2


def ragged(W1, W2, X, D):
    return [[1.0, 2.0], [3.0]], W2


def complex_numbers(W1, W2, X, D):
    return W1 + 0j, W2


def by_place_alone(W1, W2, X, D, alpha, /):
    return W1, W2


REFUSED = [
    (5, "the port must be a function, not 5 of type int"),
    (two_arguments, "two_arguments takes 2 arguments (W, X) that have no default; backprop_xor takes 4: W1, W2, X, D"),
    (one_argument, "one_argument takes 1 argument (W) that has no default; backprop_xor takes 4: W1, W2, X, D"),
    (five_weights, "takes 7 arguments (W1, W2, W3, W4, W5, X, D) that have no default; backprop_xor takes 4"),
    (nothing, "nothing returns nothing, and does not change the weights that it is given"),
    (one_of_two, "one_of_two returns 1 value; backprop_xor returns 2: W1, W2"),
    (other_shapes, "other_shapes returns a W1 of shape (2, 3); backprop_xor returns (4, 3)"),
    (words, "words returns a W1 of dtype <U2, where numbers are wanted"),
    (numbers_in_words, "numbers_in_words returns a W1 of dtype <U32, where numbers are wanted"),
    (ragged, "ragged returns a W1 that is no array"),
    (complex_numbers, "complex_numbers returns a W1 of dtype complex128, where numbers are wanted"),
    (by_place_alone, "by_place_alone takes W1, W2, X, D, alpha by place alone; let it take them by name"),
]


@pytest.mark.parametrize(("function", "message"), REFUSED, ids=[getattr(f, "__name__", "5") for f, _ in REFUSED])
def test_what_is_no_port_is_refused(function, message):
    with pytest.raises(CheckError) as error:
        check(function, "backprop_xor")
    assert message in str(error.value)


@pytest.mark.parametrize("name", [3, b"mine", ["mine"]], ids=repr)
def test_what_a_port_is_called_must_be_a_text(name):
    with pytest.raises(CheckError, match=f"^name must be a text, not .* of type {type(name).__name__}$"):
        check(deltarule.delta_sgd, name=name)


def test_a_port_that_raises_is_told_with_its_own_lines_alone():
    with pytest.raises(CheckError) as error:
        check(raises, "backprop_xor")
    head, *lines = str(error.value).splitlines()
    assert head == "raises raises IndexError: index 4 is out of bounds for axis 0 with size 4"
    assert [line.split(", ", 1)[1] for line in lines] == [
        "in raises: return broken(W1)",
        "in broken: return W1[len(W1)]",
    ]


@pytest.mark.parametrize("name", ["nothing_like_it", "", "programs"])
def test_a_listing_that_is_not_known_is_refused(name):
    with pytest.raises(CheckError, match="listing must be one of delta_sgd, .*, or a name of the book such as"):
        check(raises, name)


def test_a_function_whose_name_is_no_listing_asks_which_one_it_is_of():
    with pytest.raises(CheckError, match="not that of a function 'raises'; say which one"):
        check(raises)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_wrong(bad):
    def port(W1, W2, X, D):
        W1, W2 = plain.backprop_xor(W1, W2, X, D)
        W1[1, 1] = bad
        return W1, W2

    found = finding(port, "backprop_xor")
    assert not found.right
    assert not found.mistakes
    assert found.first.off == {"W1": np.inf}
    assert "the change of W1 is not finite at 1 of 12 places" in found.unexplained


def test_weights_that_stop_being_finite_later_are_wrong():
    def port(W1, W2, X, D):
        W1, W2 = plain.backprop_xor(W1, W2, X, D)
        if abs(W2[0, 0]) > 0.6:
            W2[0, 0] = np.nan
        return W1, W2

    found = finding(port, "backprop_xor", (1, 10, 100))
    assert not found.right


TIMES, LARGE = [0], np.zeros(2**20 + 1)


def beside():
    TIMES[0] += 1
    LARGE[0] += 1


def keeps_all(step=[0], *, more={"n": 0}):  # noqa: B006
    """A function that keeps numbers in all places there are."""
    global MADE_HERE
    MADE_HERE = globals().get("MADE_HERE", 0) + 1
    keeps_all.n = getattr(keeps_all, "n", 0) + 1
    step[0] += 1
    more["n"] += 1
    beside()
    return [MADE_HERE, keeps_all.n, step[0], more["n"], TIMES[0]]


def test_all_that_a_function_keeps_is_put_back_but_for_large_arrays():
    keeps_all.n = 0
    memory = Memory(keeps_all)
    assert keeps_all() == [1] * 5
    assert keeps_all() == [2] * 5
    memory.restore()
    assert "MADE_HERE" not in globals()
    assert keeps_all() == [1] * 5
    assert LARGE[0] == 3, "a data set is not copied"
    memory.restore()
    assert keeps_all() == [1] * 5, "it may be put back as often as one likes"
    memory.restore()


def test_what_a_partial_keeps_is_put_back():
    partial = functools.partial(keeps_all, more={"n": 0})
    keeps_all.n = 0
    memory = Memory(partial)
    kept = partial()
    memory.restore()
    assert partial() == kept


def test_of_a_vectorized_function_that_raises_the_line_is_its_own():
    raising = np.vectorize(lambda x: x.nothing)
    with pytest.raises(CheckError, match=r"AttributeError.*\n  line \d+, in <lambda>: raising = "):
        check(raising, "sigmoid")
