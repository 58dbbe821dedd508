"""How often a listing learns with a mistake in it: the file is whole, measured again in part, and told."""

import numpy as np
import pytest

from deltarule.basics.files import ReferenceFileError
from deltarule.basics.places import reference
from deltarule.check import LISTINGS, check, image_rates, mistakes
from deltarule.check.rates import FILE, MEASURED, RIGHT, Rate, hides, measured, read_rates, sentence
from deltarule.listings.convnet import mnist_conv_forward
from deltarule.listings.experiments import EXPERIMENTS, mnist_test
from deltarule.listings.labels import accuracy
from deltarule.study import Settings, study


@pytest.fixture(scope="module")
def rates():
    return read_rates(reference() / FILE)


def by_id(listing):
    return {m.id: m for m in mistakes(listing)}


@pytest.mark.parametrize("listing", MEASURED)
def test_every_mistake_of_a_measured_listing_has_its_rate(listing, rates):
    assert rates[listing].keys() == {RIGHT, *by_id(listing)}
    assert all((rate.starts, rate.epochs) == MEASURED[listing] for rate in rates[listing].values())
    assert all(0 <= rate.learned <= rate.starts for rate in rates[listing].values())


def test_a_rate_is_that_of_a_study_from_the_same_starts():
    here = measured("backprop_xor", LISTINGS["backprop_xor"], 100, 2000)
    there = study(Settings("backprop_xor", epochs=2000, every=50), 100, first=1)
    assert here == Rate(there.converged, 100, 2000)


@pytest.mark.parametrize(
    ("listing", "id"),
    [("backprop_xor", RIGHT), ("backprop_xor", "slope-half-of-output-delta1"), ("backprop_mmt", "momentum-kept"),
     ("backprop_ce", "alpha-squared"), ("delta_sgd", "no-output-slope"), ("delta_batch", "sum-for-mean")],
)  # fmt: skip
@pytest.mark.slow
def test_a_rate_in_the_file_is_measured_again(listing, id, rates):
    form = LISTINGS[listing]
    form = form if id == RIGHT else form.changed(by_id(listing)[id].steps)
    again = measured(listing, form, *MEASURED[listing])
    moved = abs(again.learned - rates[listing][id].learned)
    assert moved <= 2  # another BLAS may move one at the edge of the criterion


def test_the_digits_that_a_form_reads_are_those_that_the_network_reads():
    X, D = (a[:130] for a in mnist_test())
    weights = EXPERIMENTS["mnist_conv"].start(3)[0]
    share = image_rates.share_read(LISTINGS["mnist_conv"], weights, {}, X, D)
    assert share == accuracy(D, mnist_conv_forward(*weights, X)) > 0
    weights[2][3] = np.nan
    assert image_rates.share_read(LISTINGS["mnist_conv"], weights, {}, X, D) == 0


@pytest.mark.parametrize(
    ("shares", "learned"), [([0.9], True), ([0.8995] * 3, False), ([0.1, 0.9, 0.1], True), ([np.nan] * 3, False)]
)
def test_a_network_has_learned_that_reads_nine_tenths_after_an_epoch(monkeypatch, shares, learned):
    class Still:
        def __init__(self, form, X, D):
            self.state = {}

        def epoch(self, weights):
            return weights

    ahead = iter(shares)
    monkeypatch.setattr(image_rates, "Run", Still)
    monkeypatch.setattr(image_rates, "share_read", lambda form, weights, state, X, D: next(ahead))
    assert image_rates.learns(LISTINGS["mnist_conv"], 1, 3) is learned


@pytest.mark.parametrize(("id", "learned"), [(RIGHT, 1), ("softmax-no-sum", 1), ("error-sign", 0)])
@pytest.mark.slow
def test_a_convolutional_network_is_trained_again_from_one_start(id, learned):
    form = LISTINGS["mnist_conv"]
    form = form if id == RIGHT else form.changed(by_id("mnist_conv")[id].steps)
    assert measured("mnist_conv", form, 1, 3) == Rate(learned, 1, 3)


def test_a_mistake_hides_from_nine_tenths_of_the_rate_on():
    right = Rate(100, 100, 10)
    assert hides(Rate(90, 100, 10), right)
    assert not hides(Rate(89, 100, 10), right)


def test_the_sentence_says_how_often_and_whether_it_hides(rates):
    found = by_id("backprop_xor")
    hidden, seen = found["slope-half-of-output-delta1"], found["error-sign"]
    right = rates["backprop_xor"][RIGHT].learned
    n = rates["backprop_xor"][hidden.id].learned
    assert sentence("backprop_xor", (hidden,)) == (
        f"{n} of 500 starts in 5,000 epochs, against {right} as it should be: an accuracy would not have told"
    )
    assert sentence("backprop_xor", (seen,)) == f"0 of 500 starts in 5,000 epochs, against {right} as it should be"
    assert sentence("backprop_xor", (hidden, seen)) == sentence("softmax", (hidden,)) == ""


def test_a_finding_tells_it():
    def backprop_xor(W1, W2, X, D):
        from plain import sigmoid

        for x, d in zip(X, D, strict=True):
            x = x.reshape(-1, 1)
            y1 = sigmoid(W1 @ x)
            y = sigmoid(W2 @ y1)
            delta = y * (1 - y) * (d - y)
            delta1 = y1 * (1 - y) * (W2.T @ delta)
            W1, W2 = W1 + 0.9 * delta1 @ x.T, W2 + 0.9 * delta @ y1.T
        return W1, W2

    found = check(backprop_xor)
    assert found.mistakes == ("slope-half-of-output-delta1",)
    assert "still learns" in str(found)
    assert "an accuracy would not have told" in str(found)
    assert "(errata: hidden-delta)" in " ".join(str(found).split())


def test_a_file_of_rates_that_is_missing_or_damaged_is_refused(tmp_path):
    with pytest.raises(ReferenceFileError):
        read_rates(tmp_path / FILE)
    (tmp_path / FILE).write_text("[backprop_xor\n", encoding="utf-8")
    with pytest.raises(ReferenceFileError):
        read_rates(tmp_path / FILE)
    (tmp_path / FILE).write_text("[backprop_xor]\nstarts = 500\n", encoding="utf-8")
    with pytest.raises(ReferenceFileError, match="backprop_xor must have starts, epochs and learned"):
        read_rates(tmp_path / FILE)
