"""Wrong arguments of every function of `deltarule.matlab`, drawn at random: each is refused by its name."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule import matlab

# Neither a number nor an array of numbers, nor a name that anything takes.
NOT_NUMBERS = st.one_of(
    st.none(),
    st.booleans(),
    st.complex_numbers(),
    st.binary(max_size=5),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sets(st.integers(), max_size=2),
    st.sampled_from([object(), len, 3 + 0j, np.array([None]), np.array(["1"]), np.array([1j]), np.bool_(True)]),
    st.sampled_from([np.datetime64("2020"), np.timedelta64(3, "s"), np.array([True])]),
)
NOT_WHOLE = st.one_of(
    st.floats().filter(lambda x: not x.is_integer()),
    st.sampled_from(
        [math.nan, math.inf, -math.inf, np.float32(0.1), np.float16("nan"), np.array([0.5]), np.array(1.5)]
    ),
)
NEGATIVE = st.one_of(st.integers(max_value=-1), st.floats(max_value=-1), st.just(np.array([-1])))
HUGE = st.one_of(st.integers(min_value=2**64), st.sampled_from([1e300, 10**5000, np.array([1e30]), 2**63]))
WRONG = st.one_of(NOT_NUMBERS, NOT_WHOLE, NEGATIVE, HUGE)


def refused(name, call):
    """Whether the call raises TypeError or ValueError with a short message that begins with the argument's name."""
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    message = str(caught.value)
    assert type(caught.value) in (TypeError, ValueError)
    assert message.startswith(f"{name} must ")
    assert len(message) < 400
    assert "\n" not in message
    return True


@settings(derandomize=True, max_examples=300, deadline=None)
@given(WRONG, st.sampled_from(["twister", "v4"]))
def test_wrong_integers_are_refused_by_name_and_draw_nothing(wrong, generator):
    stream = matlab.rng(3, generator)
    if not isinstance(wrong, dict):
        assert refused("seed", lambda: matlab.rng(wrong, generator))
        assert refused("seed", lambda: stream.reseed(wrong))
    for kind in ("rand", "randn"):
        assert refused("shape", lambda kind=kind: getattr(stream, kind)(2, wrong))
        assert refused("shape", lambda kind=kind: getattr(stream, kind)([wrong, 2]))
    assert refused("shape", lambda: stream.randi(5, wrong))
    assert refused("limits", lambda: stream.randi(wrong))
    assert refused("limits", lambda: stream.randi([wrong, -(2**60)], 2))
    assert refused("n", lambda: stream.randperm(wrong))
    assert refused("n", lambda: stream.randperm(wrong, 1))
    if wrong is not None:
        assert refused("k", lambda: stream.randperm(9, wrong))
        assert refused("shape", lambda: matlab.reshape(np.zeros(6), 1, wrong))
    assert refused("n", lambda: stream.chosen([(5, 2), (wrong, 1)]))
    assert refused("k", lambda: stream.chosen([(5, 2), (5, wrong)]))
    assert refused("n", lambda: stream.randsample(wrong, 1))
    assert refused("k", lambda: stream.randsample(5, wrong, True))
    assert refused("shape", lambda: stream.normrnd(0, 1, wrong, 1))
    assert stream.rand() == matlab.rng(3, generator).rand()
    assert stream.randn() == matlab.rng(3, generator).randn() or generator == "twister"


@settings(derandomize=True, max_examples=200, deadline=None)
@given(NOT_NUMBERS)
def test_wrong_numbers_are_refused_by_name_and_draw_nothing(wrong):
    stream = matlab.rng(3)
    assert refused("mu", lambda: stream.normrnd(wrong, 1))
    assert refused("sigma", lambda: stream.normrnd(1, wrong, 2))
    assert refused("a", lambda: stream.unifrnd(wrong, 1))
    assert refused("b", lambda: stream.unifrnd(1, wrong))
    assert refused("mu", lambda: stream.exprnd(wrong))
    assert refused("generator", lambda: matlab.rng(1, wrong))
    assert refused("kind", lambda: matlab.RandStream(wrong))
    if not isinstance(wrong, bool | np.bool_ | np.ndarray):
        assert refused("x", lambda: matlab.round(wrong))
    assert refused("digits", lambda: matlab.round(1.5, wrong))
    assert stream.rand() == matlab.rng(3).rand()


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(max_size=8).filter(lambda name: name not in ("twister", "v4", "default", "shuffle", "double", "single")))
def test_names_that_nothing_has_are_refused_with_those_there_are(name):
    stream = matlab.rng(3)
    assert refused("generator", lambda: matlab.rng(1, name))
    assert refused("seed", lambda: matlab.rng(name))
    assert refused("kind", lambda: matlab.RandStream(name))
    assert refused("class", lambda: stream.rand(2, name))
    assert refused("class", lambda: stream.randn(name))
    assert refused("limits", lambda: stream.randi(name))
    assert stream.rand() == matlab.rng(3).rand()


@settings(derandomize=True, max_examples=100, deadline=None)
@given(WRONG, st.sampled_from(["Type", "Seed"]))
def test_wrong_fields_of_a_state_are_refused_by_name(wrong, field):
    state = {"Type": "twister", "Seed": 1, "State": np.ones(625)} | {field: wrong}
    assert refused(field, lambda: matlab.rng(state))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(WRONG)
def test_wrong_words_of_a_state_are_refused_by_name(wrong):
    assert refused("State", lambda: matlab.rng({"Type": "twister", "Seed": 1, "State": wrong}))
    if not isinstance(wrong, bool | np.bool_ | np.timedelta64):  # NumPy takes these for numbers beside a number
        assert refused("State", lambda: matlab.rng({"Type": "v4", "Seed": 1, "State": [1, wrong]}))


def test_several_numbers_where_one_is_taken_are_refused():
    for several in (np.array([1, 2]), np.zeros((0, 0)), np.array([])):
        assert refused("seed", lambda several=several: matlab.rng(several))
        assert refused("n", lambda several=several: matlab.rng(1).randperm(several))
        assert refused("shape", lambda several=several: matlab.rng(1).rand(2, several))
