"""A reader's functions, layers and optimisers: the right ones are right, and each mistake planted is named alone."""

import inspect

import numpy as np
import plain_parts
import pytest
from plants_parts import PLANTS

import deltarule
from deltarule import layers
from deltarule.check import PARTS, CheckError, check, check_part
from deltarule.check.errors import PortError

NAMES = {**vars(deltarule), **{name: thing for name, thing in vars(layers).items() if callable(thing)}}
OURS = {name: NAMES[name] for name in PARTS if name in NAMES}


def planted(part, changes):
    """An object of `plain_parts` with parts of its text replaced, each of which stands there once."""
    source = inspect.getsource(getattr(plain_parts, part))
    for old, new in changes:
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


def test_two_mistakes_in_one_part_are_named_together():
    for part, first, second in (("Adam", "no-correction", "beta1-0.99"), ("Affine", "dw-mean", "no-bias")):
        ids = [id for id in (first, second) if id in PLANTS[part]]
        if len(ids) < 2:
            ids = _two_that_go_together(part)
        found = check_part(planted(part, [*PLANTS[part][ids[0]], *PLANTS[part][ids[1]]]))
        assert any(set(name.split("+")) == set(ids) for name in found.mistakes), (part, ids, found.mistakes)


def _two_that_go_together(part):
    """Two mistakes in different steps of a part, whose texts do not overlap."""
    steps = {m.id: set(m.steps) for m in PARTS[part].mistakes}
    text = inspect.getsource(getattr(plain_parts, part))
    for a in sorted(steps):
        for b in sorted(steps):
            there = [old for id in (a, b) for old, _ in PLANTS[part][id]]
            apart = len({text.index(old) for old in there}) == len(there)
            if a < b and not steps[a] & steps[b] and apart:
                return a, b
    raise AssertionError(f"{part} has no two such mistakes")


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
    ],
    ids=["unknown", "no name", "no argument", "raises", "no number"],
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
