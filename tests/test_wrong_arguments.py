"""Whatever the arguments, a public function gives the right result or an error that names the argument."""

import inspect

import pytest
import wrong_arguments

import deltarule

FUNCTIONS = [name for name in deltarule.__all__ if name[0].islower() and inspect.isfunction(getattr(deltarule, name))]


def test_every_public_function_is_called():
    assert sorted(wrong_arguments.SMALL) == sorted(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_arguments_are_taken(name):
    rng = wrong_arguments.Random(wrong_arguments.np.random.PCG64(1))
    arguments = {key: wrong_arguments.right(spec, rng) for key, spec in wrong_arguments.SMALL[name].items()}
    assert wrong_arguments.call(name, arguments) is not None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_random_wrong_arguments_give_the_right_result_or_an_error_that_names_one(name):
    finds = [wrong_arguments.attempt(name, number) for number in range(200)]
    assert [find for find in finds if find] == []


def test_a_function_that_lets_a_wrong_argument_through_is_noticed(monkeypatch):
    monkeypatch.setattr(deltarule, "sigmoid", lambda x: 1 / (1 + wrong_arguments.np.exp(-x)))  # as it was: uint8 wraps
    finds = [wrong_arguments.attempt("sigmoid", number) for number in range(400)]
    assert any("another result" in find for find in finds)
    assert any("names no argument" in find or "TypeError" in find for find in finds)
