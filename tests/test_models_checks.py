"""What the other networks refuse, word by word, and what they take on the other side of each bound."""

import re

import numpy as np
import pytest
from closeness import assert_within

from deltarule import data, matlab, models
from deltarule.layers import SGD
from deltarule.models import checks, functions, tasks


def refused(call, error, message):
    """Whether a call is refused with this error and no other words."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()


def test_a_size_is_an_integer_of_at_least_its_bound():
    assert [checks.size("n", value) for value in (1, np.int64(7))] == [1, 7]
    assert checks.size("n", 3, 3) == 3
    assert checks.size("n", 0, 0) == 0
    refused(lambda: checks.size("n", 0), ValueError, "n must be at least 1, not 0")
    refused(lambda: checks.size("n", 2, 3), ValueError, "n must be at least 3, not 2")
    refused(lambda: checks.size("n", True), TypeError, "n must be an integer, not True of type bool")
    refused(lambda: checks.size("n", 2.0), TypeError, "n must be an integer, not 2.0 of type float")
    refused(lambda: checks.size("n", None), TypeError, "n must be an integer, not None of type NoneType")


def test_sizes_are_a_sequence_of_integers_of_at_least_1():
    for values in ((2, 3), [2, 3], np.array([2, 3]), iter([2, 3])):
        assert checks.sizes("hidden", values) == [2, 3]
    refused(lambda: checks.sizes("hidden", 3), TypeError, "hidden must be a sequence of integers, not 3 of type int")
    refused(lambda: checks.sizes("hidden", (2, 0)), ValueError, "hidden[1] must be at least 1, not 0")
    refused(lambda: checks.sizes("hidden", (2.0,)), TypeError, "hidden[0] must be an integer, not 2.0 of type float")


def test_the_starts_of_the_belief_network_name_what_is_wrong():
    X, rng = np.eye(3), matlab.rng(1)
    refused(lambda: models.glorot(rng, 3), TypeError, "sizes must be a sequence of integers, not 3 of type int")
    refused(lambda: models.glorot(rng, (3, 0)), ValueError, "sizes[1] must be at least 1, not 0")
    refused(
        lambda: models.machine_start(rng, X / 2, 2), ValueError, "X must be binary, 0 or 1, but it is 0.5 at (0, 0)"
    )
    refused(lambda: models.machine_start(rng, X, 0), ValueError, "hidden must be at least 1, not 0")
    for wrong in (X[0], X[None]):
        message = f"X must have the shape (N, n), one sample a row, not {wrong.shape}"
        refused(lambda wrong=wrong: models.machine_start(rng, wrong, 2), ValueError, message)
        refused(lambda wrong=wrong: models.stacked_machines(wrong, (2,), rng=rng), ValueError, message)
    for call in (models.glorot, models.machine_start):
        arguments = ((3, 2),) if call is models.glorot else (X, 2)
        message = "rng must be a stream such as deltarule.matlab.rng(), which has rand"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}"):
            call(None, *arguments)
    message = "hidden must be a sequence of integers, not 2 of type int"
    refused(lambda: models.stacked_machines(X, 2, rng=rng), TypeError, message)
    assert [W.shape for W, *_ in models.stacked_machines(X.tolist(), (2,), rng=rng, size=3)] == [(2, 3)]


def test_a_stream_has_every_method_that_is_asked_for():
    class Half:
        rand = staticmethod(np.zeros)

        def __repr__(self):
            return "half"

    checks.draws("rng", Half(), "rand")
    checks.draws("rng", matlab.rng(), "rand", "randn")
    message = "rng must be a stream such as deltarule.matlab.rng(), which has randn; not half of type Half"
    refused(lambda: checks.draws("rng", Half(), "rand", "randn"), TypeError, message)


def test_an_optimiser_has_an_update():
    checks.optimizer("optimizer", SGD())
    message = "optimizer must have update(params, grads), as deltarule.layers.Adam() has, not 7"
    refused(lambda: checks.optimizer("optimizer", 7), TypeError, message)


def test_the_unit_interval_has_its_ends():
    checks.unit_interval("D", np.array([0.0, 1.0]))
    message = "D must be in [0, 1], as cross-entropy takes it; it has elements outside"
    for wrong in (-1e-9, 1 + 1e-9, np.nan):
        refused(lambda wrong=wrong: checks.unit_interval("D", np.array([0.5, wrong])), ValueError, message)


def test_sequences_have_three_axes_and_a_step():
    W = np.ones((1, 2))
    assert checks.sequences(np.ones((4, 1, 2)), W).shape == (4, 1, 2)
    message = "X must be sequences of at least one step, not of shape (4, 0, 2)"
    refused(lambda: checks.sequences(np.ones((4, 0, 2)), W), ValueError, message)
    message = "X must have at least one element, not the shape (0, 4, 2)"
    refused(lambda: checks.sequences(np.ones((0, 4, 2)), W), ValueError, message)
    for shape in ((4, 2), (1, 4, 2, 1)):
        message = f"Z must be sequences (N, steps, inputs), not of shape {shape}; one is Z[None]"
        refused(lambda shape=shape: checks.sequences(np.ones(shape), W, "Z"), ValueError, message)


def test_weights_fit_by_letters_numbers_and_sums():
    W, V, U = np.ones((3, 2)), np.ones((4, 5)), np.ones((2, 3))
    names = {"W": W, "V": V, "U": U}
    for found, given in zip(checks.fitting("h n, m n+h, 2 h", names), (W, V, U), strict=True):
        assert found is given
    message = "V must have the shape (..., m, n + h) with h = 3, n = 2, not (4, 6)"
    refused(lambda: checks.fitting("h n, m n+h, 2 h", names | {"V": np.ones((4, 6))}), ValueError, message)
    message = "U must have the shape (..., 2, h) with h = 3, n = 2, m = 4, not (1, 3)"
    refused(lambda: checks.fitting("h n, m n+h, 2 h", names | {"U": np.ones((1, 3))}), ValueError, message)
    message = "W must have the shape (..., h, n) with n = 2, not (2,)"
    refused(lambda: checks.fitting("h n", {"W": np.ones(2)}, n=2), ValueError, message)


def test_targets_of_places_are_one_hot_at_each_place():
    X, W, D = np.ones((2, 3, 4)), np.ones((2, 5)), np.eye(2)[[[0, 1, 1], [1, 0, 0]]]
    assert checks.place_targets(D, X, W) is D
    message = "D must have the shape (2, 3, 2), a target for each output of each place of X, not (2, 3)"
    refused(lambda: checks.place_targets(D[..., 0], X, W), ValueError, message)
    for place in ([1.0, 1.0], [0.0, 0.0], [1.0, 0.5], [0.5, 0.5], [2.0, 0.0], [1.0, -1.0]):
        wrong = D.copy()
        wrong[1, 2] = place
        message = "D must be one-hot, a single 1 among zeros for each place; it has a place that is not"
        refused(lambda wrong=wrong: checks.place_targets(wrong, X, W), ValueError, message)


def test_what_is_not_binary_is_shown_with_its_place():
    assert checks.binary("a", np.array([[0.0, 1.0]])).tolist() == [[0.0, 1.0]]
    message = "a must be binary, 0 or 1, but it is 0.5 at (1, 0)"
    refused(lambda: checks.binary("a", np.array([[0.0, 1.0], [0.5, 2.0]])), ValueError, message)
    assert checks.binary("a", np.array([-0.0, 1.0, 1.0])).tolist() == [0, 1, 1]
    for wrong in (np.nan, np.inf, -np.inf, -1.0, 2.0, 5e-324, np.nextafter(1, 0), np.nextafter(1, 2)):
        message = f"a must be binary, 0 or 1, but it is {wrong} at (1,)"
        refused(lambda wrong=wrong: checks.binary("a", np.array([1.0, wrong, 0.0])), ValueError, message)


def test_batches_leave_out_what_does_not_fill_one():
    X = np.arange(7 * 3 * 2, dtype=float).reshape(7, 3, 2)
    found = functions.batches(X, 3)
    assert found.shape == (2, 3, 2, 3)
    places = functions.sequence_batches(X, 3)
    assert places.shape == (2, 3, 2, 3)
    for batch in range(2):
        for n in range(3):
            assert np.array_equal(found[batch, :, :, n], X[3 * batch + n])
            assert np.array_equal(places[batch, n], X[3 * batch + n].T)
    assert functions.batches(X, 7).shape == (1, 3, 2, 7)


def test_an_optimiser_is_given_what_descends_batch_after_batch():
    """The weight doubles into its change, so that the second batch sees what the first has left."""
    x, d = np.array([[[1.0]], [[10.0]]]), np.array([[[2.0]], [[3.0]]])
    W = np.array([[5.0]])
    (found,) = functions.optimised_epoch(lambda W, x, d, alpha: (alpha * W * x * d,), {"W": W}, x, d, 0.1, SGD(lr=0.5))
    once = 5 + 0.5 * 0.1 * 5 * 1 * 2
    assert_within(found, [[once + 0.5 * 0.1 * once * 10 * 3]], absolute=0, relative=1e-15)
    assert W.item() == 5.0


def test_sixteen_hidden_nodes_are_few_enough_to_be_gone_through():
    W, b, c = np.zeros((16, 1)), np.zeros((1, 1)), np.zeros((16, 1))
    assert_within(models.rbm_log_likelihood(W, b, c, [[1.0]]), np.log(0.5), absolute=0, relative=1e-12)
    message = "W must have at most 16 hidden nodes, whose states are gone through, not 17"
    wide = np.zeros((17, 1))
    refused(lambda: models.rbm_log_likelihood(wide, b, wide, [[1.0]]), ValueError, message)


def test_hidden_nodes_and_their_ends_are_taken_by_the_visible_ones():
    W, b, c = np.ones((1, 2)), np.zeros((2, 1)), np.zeros((1, 1))
    assert models.rbm_visible(W, b, c, [[0.0], [1.0]]).shape == (2, 2)
    message = "H must have the shape (..., N, 1) for the hidden nodes of W, not (1, 2)"
    refused(lambda: models.rbm_visible(W, b, c, [[0.0, 1.0]]), ValueError, message)
    message = "H must be in [0, 1], states of the hidden nodes or their probabilities; it has elements outside"
    refused(lambda: models.rbm_visible(W, b, c, [[1.0 + 1e-9]]), ValueError, message)


def test_samples_of_a_generator_are_one_number_each():
    weights = [np.ones((1, 2)), np.ones((1, 1)), np.ones((1, 2)), np.ones((1, 1))]
    assert models.gan_forward(*weights, [[0.5]]).shape == (1, 1)
    for X, shape in (([0.5], "(1,)"), ([[0.5, 0.5]], "(1, 2)"), ([[[0.5]]], "(1, 1, 1)")):
        message = f" must have the shape (samples, 1), not {shape}"
        refused(lambda X=X: models.gan_forward(*weights, X), ValueError, f"Z{message}")
        refused(lambda X=X: models.gan_probability(*weights, X), ValueError, f"X{message}")
        refused(lambda X=X: models.gan_cost(*weights, X, [[0.5]]), ValueError, f"X{message}")
        refused(lambda X=X: models.gan_cost(*weights, [[0.5]], X), ValueError, f"Z{message}")


def test_optimisers_of_a_generator_and_a_discriminator_are_two_that_can_update():
    weights, X = [np.ones((1, 2)), np.ones((1, 1)), np.ones((1, 2)), np.ones((1, 1))], np.ones((2, 1))

    class Still:
        update = 3

    for wrong in ((SGD(), Still()), (Still(), SGD()), (SGD(),), SGD()):
        with pytest.raises(TypeError, match="^optimizers must be a pair, of the generator and the discriminator"):
            models.gan(*weights, X, rng=matlab.rng(1), size=2, optimizers=wrong)
    assert len(models.gan(*weights, X, rng=matlab.rng(1), size=2, optimizers=(SGD(), SGD()))) == 4


BARS = tasks.bars_and_stripes(2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: models.stacked_machines(BARS[0], (3,), rng=rng), "X must have the shape (N, n)"),
        (lambda rng: models.stacked_machines(BARS[:, None], (3,), rng=rng), "X must have the shape (N, n)"),
        (lambda rng: models.stacked_machines(BARS, 3, rng=rng), "hidden must be a sequence of integers, not 3"),
        (lambda rng: models.stacked_machines(BARS, (3, 0), rng=rng), "hidden[1] must be at least 1, not 0"),
        (lambda rng: models.stacked_machines(BARS, (3,), rng=rng, alpha=0, size=2), "alpha must be above 0"),
        (lambda rng: models.stacked_machines(BARS, (3,), rng=rng, size=7), "size must be from 1 to 6"),
        (lambda rng: models.stacked_machines(BARS, (3,), rng=rng, size=2, epochs=0), "epochs must be at least 1"),
        (lambda rng: models.machine_start(rng, BARS / 2, 3), "X must be binary"),
        (lambda rng: models.machine_start(rng, BARS[0], 3), "X must have the shape (N, n)"),
        (lambda rng: models.machine_start(rng, BARS, 0), "hidden must be at least 1"),
        (lambda rng: models.machine_start(0, BARS, 3), "rng must be a stream"),
        (lambda rng: models.glorot(rng, 3), "sizes must be a sequence of integers, not 3"),
        (lambda rng: models.glorot(rng, (3, 2, 0)), "sizes[2] must be at least 1, not 0"),
        (lambda rng: models.glorot(0, (3, 2)), "rng must be a stream"),
    ],
)
def test_what_machines_cannot_start_from_is_named_and_nothing_is_drawn(call, message):
    rng = matlab.rng(1)
    before = rng.state["State"].copy()
    with pytest.raises((TypeError, ValueError)) as error:
        call(rng)
    assert str(error.value).startswith(message)
    assert np.array_equal(rng.state["State"], before)


def test_what_machines_can_start_from_may_come_as_lists():
    (machine,) = models.stacked_machines(BARS.tolist(), [3], rng=matlab.rng(1), size=6, epochs=1)
    assert [W.shape for W in machine] == [(3, 4), (4, 1), (3, 1)]
    assert models.machine_start(matlab.rng(1), BARS.astype(int).tolist(), 1)[0].shape == (1, 4)
    assert models.glorot(matlab.rng(1), [2, 1])[0].shape == (1, 2)


def test_the_sides_of_a_cut_are_one_for_each_node():
    assert models.cut([[0, 1]], [0, 1]) == 1
    for sides, shape in ((1, "()"), ([[0, 1], [1, 0]], "(2, 2)")):
        message = f"sides must have the shape (nodes,), the side of each node, not {shape}"
        refused(lambda sides=sides: models.cut([[0, 1]], sides), ValueError, message)


def test_nodes_of_a_graph_have_the_inputs_of_its_first_layer():
    W1, W2, X, S = np.ones((2, 3)), np.ones((2, 2)), np.ones((4, 3)), np.eye(4)
    assert models.gcn_forward(W1, W2, X, S).shape == (4, 2)
    for wrong in (X[0], X[:, :2], X[None]):
        message = f"X must have the shape (nodes, 3) for the inputs of W1, not {wrong.shape}"
        refused(lambda wrong=wrong: models.gcn_forward(W1, W2, wrong, S), ValueError, message)
    message = "S must have the shape (4, 4) for the nodes of X, not (4, 3)"
    refused(lambda: models.gcn_forward(W1, W2, X, S[:, :3]), ValueError, message)
    message = "D must have the shape (4, 2), a class for each node of X, not (3, 2)"
    refused(lambda: models.gcn_karate(W1, W2, X, np.eye(3, 2), S), ValueError, message)


def test_two_samples_are_enough_for_a_variance():
    layers = [np.ones((2, 3)), np.ones((2, 1)), np.zeros((2, 1)), np.ones((2, 2))]
    X = np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 5.0]])
    assert models.batch_norm_forward(*layers, X).shape == (2, 2)
    message = "X must be at least two samples, since a single one has no variance"
    refused(lambda: models.batch_norm_forward(*layers, X[:1]), ValueError, message)
    for count in (0, 2, 3):
        message = f"weights_X_D must have W, gamma and beta of each layer and then Wo, not {count} weights"
        refused(lambda count=count: models.batch_norm_forward(*layers[:count], X), ValueError, message)
    message = "weights_X_D must be the weights of at least one layer, and X and D behind them; there are none"
    refused(lambda: models.deep_sigmoid_forward(X), ValueError, message)
    for count in (0, 1, 3):
        message = f"weights_X_D must have W and its biases for each layer, not {count} weights"
        refused(lambda count=count: models.dbn_forward(*layers[:count], X), ValueError, message)


def test_tasks_take_the_smallest_sizes_and_nothing_below():
    rng = matlab.rng(1)
    X, D = tasks.adding(rng, 1, 2)
    assert X[0, :, 1].tolist() == [1.0, 1.0]
    assert_within(D, X[:, :, 0].sum(axis=1), absolute=0, relative=1e-15)
    refused(lambda: tasks.adding(rng, 1, 1), ValueError, "steps must be at least 2, not 1")
    refused(lambda: tasks.adding(rng, 0, 2), ValueError, "N must be at least 1, not 0")
    X, D = tasks.reversal(rng, 1, 1, 1)
    assert (X.tolist(), D.tolist()) == ([[[1.0, 1.0]]], [[[1.0]]])
    assert [a.shape for a in tasks.two_lookups(rng, 1, 1)] == [(1, 1, 2), (1, 1, 2)]
    assert tasks.bars_and_stripes(1).tolist() == [[0.0], [1.0]]
    X, D = tasks.touching_dots(rng, 3, dots=4, side=2)
    assert np.array_equal(abs(X), np.ones((3, 4, 3)))
    assert D.tolist() == [[0.0, 0.0, 0.0, 0.0, 1.0]] * 3
    refused(
        lambda: tasks.touching_dots(rng, 1, dots=5, side=2),
        ValueError,
        "dots must be from 1 to 4, the number of places of the board, not 5",
    )
    for name, sizes in (("dots", {"dots": 1}), ("side", {"side": 1})):
        message = f"{name} must be at least 2, not 1"
        refused(lambda sizes=sizes: tasks.touching_dots(rng, 1, **sizes), ValueError, message)


def test_noisy_digits_go_to_the_last_image_and_no_further():
    images, _ = data.mnist()
    X, D = tasks.noisy_digits(matlab.rng(1), 9999, 1, noise=0)
    assert np.array_equal(X, images[-1:])
    assert np.array_equal(D, images[-1:] > 0.5)
    message = "N must be from 1 to 1, the number of images behind the first 9999, not 2"
    refused(lambda: tasks.noisy_digits(matlab.rng(1), 9999, 2), ValueError, message)
    message = "first must be from 0 to 9999, not 10000"
    refused(lambda: tasks.noisy_digits(matlab.rng(1), 10000, 1), ValueError, message)
    refused(lambda: tasks.noisy_digits(matlab.rng(1), -1, 1), ValueError, "first must be at least 0, not -1")
    noise = tasks.noisy_digits(matlab.rng(1), 5, 2, noise=0.25)[0] - images[5:7]
    assert_within(noise, matlab.rng(1).randn(2, 784).reshape(2, 28, 28) / 4, absolute=1e-15, relative=0)


def test_images_in_colour_lie_within_their_square_and_the_ink_is_the_bright_half():
    images = np.ones((50, 2, 3))
    X = tasks.in_colour(matlab.rng(1), images, side=4)
    rng = matlab.rng(1)
    papers, inks = 0.5 * rng.rand(50, 3), 0.5 + 0.5 * rng.rand(50, 3)
    tops, lefts = rng.randi(3, 50, 1).ravel() - 1, rng.randi(2, 50, 1).ravel() - 1
    for n in range(50):
        ink = np.zeros((4, 4), dtype=bool)
        ink[tops[n] : tops[n] + 2, lefts[n] : lefts[n] + 3] = True
        expected = np.where(ink, inks[n][:, None, None], papers[n][:, None, None])
        assert_within(X[n], expected, absolute=1e-15, relative=0)
    assert tasks.in_colour(matlab.rng(1), images, side=3).shape == (50, 3, 3, 3)
    refused(lambda: tasks.in_colour(matlab.rng(1), images, side=2), ValueError, "side must be at least 3, not 2")
    refused(
        lambda: tasks.in_colour(matlab.rng(1), images.swapaxes(1, 2), side=2),
        ValueError,
        "side must be at least 3, not 2",
    )
    refused(
        lambda: tasks.in_colour(matlab.rng(1), images[0]),
        ValueError,
        "images must be of shape (N, rows, columns), not (2, 3)",
    )


@pytest.mark.parametrize("name", ["deep_sigmoid", "batch_norm", "dbn", "deep_layers", "batch_norm_layers"])
def test_a_call_without_the_samples_behind_the_weights_says_what_is_not_there(name):
    for given in ((), (np.eye(2),)):
        message = f"weights_X_D must be the weights and then X and D, but there are {len(given)} arguments"
        refused(lambda given=given: getattr(models, name)(*given), ValueError, message)
        refused(lambda given=given: models.unet_digits(*given, optimizer=SGD()), ValueError, message)


@pytest.mark.parametrize(
    "name", ["deep_sigmoid_forward", "batch_norm_forward", "dbn_forward", "unet_forward", "transformer_forward"]
)
def test_a_forward_pass_of_nothing_says_what_is_not_there(name):
    message = "weights_X must be the weights and then X, but there are 0 arguments"
    refused(lambda: getattr(models, name)(), ValueError, message)


def test_networks_without_layers_and_dtypes_that_cut_the_numbers_off_are_refused():
    refused(
        lambda: models.step_forward([[0, 1]]), ValueError, "weights must be those of at least one layer; there are none"
    )
    for call in (models.xor_layers, lambda dtype: models.positions(4, 3, dtype)):
        for dtype in (int, "int", None, "f2"):
            message = f"dtype must be float64 or float32, not {dtype!r}"
            refused(lambda call=call, dtype=dtype: call(dtype), ValueError, message)
    assert [W.dtype for W in models.xor_layers("float32")] == [np.float32, np.float32]
    assert models.positions(4, 3, np.float32).dtype == np.float32


def test_one_thing_where_there_should_be_several_is_named():
    refused(
        lambda: models.layer_table(5, [models.Dense(5)]),
        TypeError,
        "shape must be a sequence of integers, not 5 of type int",
    )
    message = "layers must be a sequence of Flatten, Dense and Conv, not 5 of type int"
    refused(lambda: models.layer_table((5,), 5), TypeError, message)
    refused(lambda: models.layered_network((5,), 5, rng=matlab.rng(1)), TypeError, message)
    refused(
        lambda: models.layered_network(5, [models.Dense(5)], rng=matlab.rng(1)),
        TypeError,
        "shape must be a sequence of integers, not 5 of type int",
    )


def test_the_tasks_take_a_flag_that_is_one_and_noise_that_a_double_holds():
    rng = matlab.rng(1)
    message = "with_places must be True or False, not 'no' of type str"
    refused(lambda: tasks.reversal(rng, 1, 3, 2, with_places="no"), TypeError, message)
    refused(lambda: tasks.noisy_digits(rng, 0, 2, noise=-1), ValueError, "noise must be from 0 to 1e+100, not -1.0")
    refused(
        lambda: tasks.noisy_digits(rng, 0, 2, noise=1e308), ValueError, "noise must be from 0 to 1e+100, not 1e+308"
    )
    X, _ = tasks.noisy_digits(rng, 0, 2, noise=0)
    assert np.array_equal(X, data.mnist()[0][:2])
    assert np.isfinite(tasks.noisy_digits(rng, 0, 2, noise=1e100)[0]).all()
