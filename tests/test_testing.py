"""The helper for the tests of a port: right ones pass, a wrong one fails with what was found."""

import json

import numpy as np
import pytest

import deltarule
from deltarule.check import CheckError, check
from deltarule.testing import assert_same_training

pytestmark = pytest.mark.usefixtures("unhurried")


def wrong(W, X, D):
    """The delta rule without the sigmoid's slope."""
    for x, d in zip(X, D, strict=True):
        W = W + 0.9 * (d - 1 / (1 + np.exp(-W @ x))) * x
    return W


@pytest.fixture(scope="module")
def finding(unhurried):
    """What is found of the wrong one."""
    return check(wrong, "delta_sgd")


def nothing_known(W1, W2, X, D):
    """Weights that no two mistakes come to."""
    return 1.1 * W1, 0.8 * W2


def test_a_listing_trains_as_itself():
    assert assert_same_training(deltarule.delta_sgd) is None


def test_the_message_of_a_failure_is_what_was_found(finding):
    with pytest.raises(AssertionError) as failed:
        assert_same_training(wrong, "DeltaSGD")
    assert str(failed.value).strip() == str(finding)
    assert "delta is e" in str(failed.value)


def test_what_cannot_be_checked_is_no_failure_but_an_error():
    with pytest.raises(CheckError, match="not that of a function 'wrong'; say which one"):
        assert_same_training(wrong)


def test_a_finding_as_json_says_what_its_text_says(finding):
    found = json.loads(finding.to_json())
    assert found == finding.as_dict()
    assert (found["listing"], found["port"], found["verdict"], found["right"]) == ("delta_sgd", "wrong", "WRONG", False)
    (reason,) = found["reasons"]
    (mistake,) = reason["mistakes"]
    assert mistake["id"] in finding.mistakes
    assert found["says"] == f"{mistake['says']}; {mistake['should']}" == finding.says
    assert reason["epochs"] == [1, 10, 100, 1000, 10000]
    assert found["first"]["when"] == "first update"
    assert found["deviation"] == found["first"]["off"]["W"] == finding.deviation > 0


def test_a_right_finding_as_json_has_no_difference_and_its_largest_deviation():
    def in_place(W, X, D):
        W[:] = deltarule.delta_sgd(W, X, D)

    finding = check(in_place, "delta_sgd")
    found = finding.as_dict()
    assert (found["first"], found["reasons"], found["deviation"]) == (None, [], finding.within)
    assert found["says"].startswith("the weights that it is given are changed in place")


def test_numbers_that_are_not_finite_are_none_in_json():
    finding = check(lambda W, X, D: W * np.nan, "delta_sgd")
    assert finding.deviation == float("inf")
    assert json.loads(finding.to_json())["first"]["off"] == {"W": None}


def test_weights_that_nothing_comes_to_are_wrong_and_what_is_known_is_said():
    finding = check(nothing_known, "backprop_xor")
    assert (finding.right, finding.mistakes) == (False, ())
    assert "the change of W1 is wrong at 12 of 12 places" in finding.says
    assert finding.as_dict()["says"] == finding.says
