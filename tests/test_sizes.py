"""Sizes that are absurd: an error that names the argument and the limit, at once, before anything is allocated."""

import re

import numpy as np
import pytest

from deltarule import layers, matlab, models
from deltarule.basics import sizes
from deltarule.layers import checks as layers_checks
from deltarule.models import checks as models_checks
from deltarule.models.tables import Conv, Dense, Flatten

MOST = 268435456
IMAGES, COL = np.ones((1, 1, 3, 3)), np.ones((4, 4))
FILTERS, BIASES = np.ones((1, 1, 2, 2)), np.zeros(1)


def refused(call, message):
    """Whether a call is refused with a ValueError of these words and no others."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


def conv_param(**changed):
    return {"filter_num": 3, "filter_size": 5, "pad": 0, "stride": 1} | changed


MADE_OF_SIZES = {  # by the arguments that a message names, calls with one of them absurd; r is a stream
    "N and steps": [lambda r, n: models.adding(r, n, 20), lambda r, n: models.adding(r, 5, n)],
    "N, places and symbols": [
        lambda r, n: models.reversal(r, n, 3, 2),
        lambda r, n: models.reversal(r, 3, n, 2),
        lambda r, n: models.reversal(r, 3, 3, n, with_places=False),
    ],
    "N and places": [lambda r, n: models.two_lookups(r, n, 5), lambda r, n: models.two_lookups(r, 5, n)],
    "N and dots": [lambda r, n: models.touching_dots(r, n)],
    "side": [
        lambda r, n: models.in_colour(r, np.ones((2, 2, 2)), n),
        lambda r, n: models.touching_dots(r, 2, 5, n),
        lambda r, n: models.touching_dots(r, 2, n, n),
    ],
    "sizes": [lambda r, n: models.glorot(r, (3, n)), lambda r, n: models.glorot(r, (n, 3, 2))],
    "hidden": [
        lambda r, n: models.machine_start(r, np.eye(3), n),
        lambda r, n: models.stacked_machines(np.eye(3), (2, n), rng=r, size=3),
        lambda r, n: models.stacked_machines(np.eye(3), (n,), rng=r, size=3),
    ],
    "nodes": [lambda r, n: models.normalised_adjacency([[0, 1]], n)],
    "n and places": [lambda r, n: models.positions(2 * n, 3), lambda r, n: models.positions(4, n)],
    "layers[0]": [lambda r, n: models.layered_network((5, 5, 1), [Conv(n, 3), Flatten(), Dense(3)], rng=r)],
    "layers[1]": [lambda r, n: models.layered_network((5, 5, 1), [Flatten(), Dense(n)], rng=r)],
    "classes": [lambda r, n: layers.one_hot(3, n), lambda r, n: layers.one_hot([0, 1], n)],
    "shape": [lambda r, n: layers.starting_weights(r, (3, n), "he")],
    "input_size and hidden_size": [
        lambda r, n: layers.TwoLayerNet(n, 3, 3, rng=r),
        lambda r, n: layers.TwoLayerNet(3, n, 3, rng=r),
    ],
    "hidden_size and output_size": [lambda r, n: layers.TwoLayerNet(3, 3, n, rng=r)],
    "input_size, hidden_size_list and output_size": [
        lambda r, n: layers.MultiLayerNet(n, [3, 4], 3, rng=r),
        lambda r, n: layers.MultiLayerNet(3, [4, n], 3, rng=r),
        lambda r, n: layers.MultiLayerNet(3, [4], n, rng=r),
    ],
    "input_dim, conv_param, hidden_size and output_size": [
        lambda r, n: layers.SimpleConvNet((n, 28, 28), rng=r),
        lambda r, n: layers.SimpleConvNet(conv_param=conv_param(filter_num=n), rng=r),
        lambda r, n: layers.SimpleConvNet(conv_param=conv_param(pad=n), rng=r),
        lambda r, n: layers.SimpleConvNet(hidden_size=n, rng=r),
        lambda r, n: layers.SimpleConvNet(output_size=n, rng=r),
    ],
    "pad": [
        lambda r, n: layers.im2col(IMAGES, 2, 2, 1, n),
        lambda r, n: layers.col2im(COL, (1, 1, 3, 3), 2, 2, 1, n),
        lambda r, n: layers.Convolution(FILTERS, BIASES, 1, n).forward(IMAGES),
        lambda r, n: layers.Pooling(n, n, 1, n - 1).forward(IMAGES),
    ],
    "input_shape": [lambda r, n: layers.col2im(COL, (1, 1, n, 3), 2, 2)],
}


@pytest.mark.parametrize("absurd", [2**70, 2**40, np.int64(2**40), 10**5000], ids=["2^70", "2^40", "int64", "huge"])
@pytest.mark.parametrize("named", MADE_OF_SIZES)
def test_arrays_that_no_memory_holds_are_refused_by_the_names_of_what_they_are_made_of(named, absurd):
    for call in MADE_OF_SIZES[named]:
        stream = matlab.rng(1)
        before = stream.state["State"]
        with pytest.raises(ValueError, match=f"^{re.escape(named)} must make arrays of at most {MOST} numbers, not "):
            call(stream, absurd)
        np.testing.assert_array_equal(stream.state["State"], before, err_msg="something has been drawn")


def test_sizes_that_have_a_bound_of_their_own_name_it():
    rng = matlab.rng(1)
    refused(lambda: models.bars_and_stripes(2**70), f"side must be from 1 to 16, not {2**70}")
    refused(lambda: models.bars_and_stripes(17), "side must be from 1 to 16, not 17")
    refused(lambda: models.noisy_digits(rng, 10000, 1), "first must be from 0 to 9999, not 10000")
    refused(lambda: models.noisy_digits(rng, 2**70, 1), f"first must be from 0 to 9999, not {2**70}")
    message = "N must be from 1 to 1, the number of images behind the first 9999, not 2"
    refused(lambda: models.noisy_digits(rng, 9999, 2), message)
    message = f"dots must be from 1 to 25, the number of places of the board, not {2**70}"
    refused(lambda: models.touching_dots(rng, 2, 2**70), message)
    refused(
        lambda: layers.weight_scale("he", 10**5000),
        "n_in must be a number that a double can hold, not an integer of 16610 bits",
    )
    message = "mini_batch_size must be at most 2, the samples of x_train, not an integer of 16610 bits"
    network = layers.TwoLayerNet(2, 2, 2, rng=rng)
    refused(lambda: layers.Trainer(network, np.eye(2), np.eye(2), mini_batch_size=10**5000, rng=rng), message)


def test_the_last_image_can_be_taken_and_the_smallest_side():
    assert models.noisy_digits(matlab.rng(1), 9999, 1)[0].shape == (1, 28, 28)
    assert models.bars_and_stripes(1).tolist() == [[0], [1]]


def test_room_is_for_as_many_numbers_as_the_limit_and_not_for_one_more():
    sizes.room(MOST, N=MOST)
    refused(
        lambda: sizes.room(MOST + 1, N=MOST + 1),
        f"N must make arrays of at most {MOST} numbers, not {MOST + 1}: N = {MOST + 1}",
    )
    refused(
        lambda: sizes.room(2 * MOST, N=MOST, steps=2),
        f"N and steps must make arrays of at most {MOST} numbers, not {2 * MOST}: N = {MOST}, steps = 2",
    )
    refused(
        lambda: sizes.room(10**50, a=1, b=[2, 3], c=10**50),
        f"a, b and c must make arrays of at most {MOST} numbers, not an integer of 167 bits: "
        "a = 1, b = [2, 3], c = an integer of 167 bits",
    )


@pytest.mark.parametrize("check", [models_checks.size, layers_checks.whole, layers_checks.size, sizes.whole])
def test_numbers_too_long_to_print_are_refused_in_words(check):
    refused(
        lambda: check("n", -(10**5000)),
        f"n must be at least {int('size' in check.__name__)}, not an integer of 16610 bits",
    )


def test_what_is_no_number_is_shown_on_one_line():
    many = np.ones((1000, 3))
    with pytest.raises(TypeError, match=r"^alpha must be a real number, not array\(.{1,60} of type ndarray$"):
        layers.SGD(lr=0.1) and models.rnn_xor([[0.0]], [[0.0]], [[0.0]], [[[1.0]]], [0.5], alpha=many)


def test_a_table_of_layers_takes_any_size_since_it_makes_no_arrays():
    rows = models.layer_table((2**40, 2**40, 3), [Conv(10**5000, 3), Flatten(), Dense(10**5000)])
    assert [row.layer for row in rows[1:]] == [
        "conv an integer of 16610 bits, 3 x 3, stride 1",
        "flatten",
        "dense an integer of 16610 bits",
    ]
