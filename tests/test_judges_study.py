"""What a study counts as converged, and which files of one it takes: in pairs, on either side of each bound."""

import dataclasses
import math
import re
import zipfile

import numpy as np
import pytest
from closeness import assert_within
from scipy.stats import binomtest

from deltarule import study
from deltarule.basics.files import ReferenceFileError
from deltarule.study import Outcome, Settings, files, schedule, starts, training
from deltarule.study.settings import EVERY, LARGEST, ROUTINES

QUICK = Settings("backprop_xor", epochs=95, every=20)


def test_the_numbers_of_a_study_are_those_that_the_documentation_states():
    assert (EVERY, LARGEST) == (10, {"epochs": 10**9, "every": 10**9, "hidden": 10**4})
    assert (starts.SEEDS, schedule.LEFT) == (2**32, 0.75)
    assert schedule.AT_ONCE == {"cpu": 8192, "gpu": 131072}
    assert schedule.TESTED_AT_ONCE == {"cpu": 16, "gpu": 256}
    assert schedule.WEIGHTS == {"cpu": 131072, "gpu": 8388608}
    assert schedule.MOST_WEIGHTS == 2**28
    assert (files.LAYOUT, files.LARGEST_ARRAYS, files.FORMATS) == (2, 2**32, (".npz", ".csv"))
    assert (training.MASKS, training.CURVE) == (1, 100)
    own = Settings("backprop_xor")
    assert dataclasses.astuple(own) == ("backprop_xor", own.experiment.epochs, 4, None, 1.0, 0.1, 10)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [("within", (1e-300, 0.1, 0.5), (0, -0.1, math.nextafter(0.5, 1), math.nan)), ("alpha", (1e-300, 9), (0, -1)),
     ("scale", (1e-300, 9), (0, -1)), ("epochs", (1, 10**9), (0, 10**9 + 1)), ("every", (1, 10**9), (0, 10**9 + 1)),
     ("hidden", (1, 10**4), (0, 10**4 + 1))],
)  # fmt: skip
def test_a_setting_is_taken_up_to_its_bounds_and_no_further(name, right, wrong):
    for value in right:
        assert getattr(Settings("backprop_xor", **{name: value}), name) == value
    for value in wrong:
        with pytest.raises(ValueError, match=f"^{name} must be"):
            Settings("backprop_xor", **{name: value})


def test_numbers_of_numpy_become_pythons_own_and_a_listing_without_hidden_nodes_takes_none():
    found = Settings(
        "backprop_xor", np.int64(9), np.int64(3), np.float64(0.5), np.float64(2), np.float64(0.25), np.int64(3)
    )
    assert {type(value) for value in dataclasses.astuple(found)} == {str, int, float}
    assert Settings("delta_sgd").hidden is None
    with pytest.raises(ValueError, match="^hidden must be None for delta_sgd, which has no hidden layer, not 4$"):
        Settings("delta_sgd", hidden=4)


def test_only_the_momentum_that_is_kept_is_kept_and_only_networks_of_the_notes_are_networks():
    kept = [name for name in ROUTINES if Settings(name).keeps_momentum]
    assert kept == ["backprop_mmt_kept"]
    assert {name for name in ROUTINES if Settings(name).of_networks} == set(study.network_experiments.NETWORKS)


@pytest.mark.parametrize("scale", [1.0, 0.25])
@pytest.mark.parametrize("name", ["delta_sgd", "backprop_xor", "deep_dropout"])
def test_starts_drawn_together_are_each_that_of_its_number(name, scale):
    settings = Settings(name, scale=scale)
    together = starts.starting_weights(settings, [5, 0, 2**32 - 1])
    for k, number in enumerate((5, 0, 2**32 - 1)):
        for W, alone, drawn in zip(together, settings.start(number), settings.experiment.start(number)[0], strict=True):
            np.testing.assert_array_equal(W.values[..., k], alone)
            np.testing.assert_array_equal(alone, scale * drawn)


@pytest.mark.parametrize(("count", "first"), [(1, 2**32 - 1), (2**32, 0), (3, 2**32 - 3), (5, 0)])
def test_the_last_start_is_the_last_seed_at_most(count, first):
    assert starts.numbers(count, first) == range(first, first + count)
    assert starts.numbers(count) == range(count)
    for wrong in (2**32 - count + 1, -1, True, 1.0, None):
        with pytest.raises(ValueError, match=f"^first must be from 0 to {2**32 - count}, so that"):
            starts.numbers(count, wrong)


def outcome(epochs, outputs=None, first=0, settings=QUICK):
    """What became of some starts: these epochs, and outputs of nothing where none are given."""
    outputs = np.zeros((len(epochs), 4, 1)) if outputs is None else outputs
    return Outcome(settings, np.arange(first, first + len(epochs)), np.array(epochs), outputs)


def test_starts_that_converged_are_counted_and_the_others_named_and_grouped():
    ends = np.array([[0.04, 0.96, -0.04, 0.5], [0.0, 1.0, 0.0, 0.5], [0.06, 1, 0, 0.5], [9, 9, 9, 9]])[:, :, None]
    found = outcome([0, 0, 0, 20], ends, 7)
    assert (found.converged, found.failed.tolist()) == (1, [7, 8, 9])
    assert found.groups() == [((0.0, 1.0, 0.0, 0.5), 2), ((0.1, 1.0, 0.0, 0.5), 1)]
    assert str(found.groups()[0][0]) == "(0.0, 1.0, 0.0, 0.5)"  # no zero is negative
    for confidence in (0.5, 0.95):
        right = binomtest(1, 4).proportion_ci(confidence, method="wilson")
        assert found.interval(confidence) == (right.low, right.high)
    assert found.interval() == found.interval(0.95)


def test_outcomes_are_joined_in_the_order_of_their_starts():
    some, others = outcome([20, 0], np.full((2, 4, 1), 1.0), 5), outcome([0, 95], np.full((2, 4, 1), 2.0), 1)
    found = some.joined([others, study.nothing(QUICK)])
    assert found.starts.tolist() == [1, 2, 5, 6]
    assert found.epochs.tolist() == [0, 95, 20, 0]
    assert found.outputs[:, 0, 0].tolist() == [2, 2, 1, 1]
    assert study.nothing(Settings("multi_class")).outputs.shape == (0, 5, 5)
    assert study.nothing(QUICK).outputs.shape == (0, 4, 1)


@pytest.mark.parametrize("suffix", files.FORMATS)
def test_of_any_byte_that_is_another_a_file_is_refused(suffix, tmp_path):
    content = study.write([outcome([0, 20, 95])], suffix)
    path = tmp_path / f"f{suffix}"
    path.write_bytes(content)
    assert study.read(path)[0].epochs.tolist() == [0, 20, 95]
    for k in range(0, len(content), 7):
        changed = bytearray(content)
        changed[k] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ReferenceFileError, match=rf"f\{suffix}: not a file of deltarule's studies, or damaged: "):
            study.read(path)


@pytest.mark.parametrize("suffix", files.FORMATS)
@pytest.mark.parametrize(
    ("starts_", "epochs", "output", "right"),
    [
        ([0, 1], [0, 20], 0.5, True),
        ([0, 2**32 - 1], [80, 95], 0.5, True),
        ([0, 2**32], [0, 20], 0.5, False),
        ([-1, 1], [0, 20], 0.5, False),
        ([0, 1], [0, 96], 0.5, False),
        ([0, 1], [0, 100], 0.5, False),
        ([0, 1], [0, 94], 0.5, False),
        ([0, 1], [10, 20], 0.5, False),
        ([0, 1], [-20, 20], 0.5, False),
        ([0, 1], [0, 20], math.nan, False),
        ([0, 1], [0, 20], -math.inf, False),
        ([1, 1], [0, 20], 0.5, None),
        ([2, 1], [0, 20], 0.5, None),
    ],
)
def test_a_sealed_file_with_numbers_that_no_study_finds_is_refused(suffix, starts_, epochs, output, right, tmp_path):
    outputs = np.zeros((2, 4, 1))
    outputs[1, 3, 0] = output
    path = tmp_path / f"f{suffix}"
    path.write_bytes(study.write([Outcome(QUICK, np.array(starts_), np.array(epochs), outputs)], suffix))
    if right:
        (found,) = study.read(path)
        assert (found.starts.tolist(), found.epochs.tolist(), found.outputs[1, 3, 0]) == (starts_, epochs, output)
        return
    said = (
        "the numbers of starts, epochs and outputs do not fit"
        if right is None
        else "is one that no study finds|does not say when it converged"
    )
    with pytest.raises(ReferenceFileError, match=said):
        study.read(path)


def test_the_seal_of_an_archive_is_its_comment_and_that_of_a_table_ends_its_first_line(tmp_path):
    path = tmp_path / "f.npz"
    path.write_bytes(study.write([outcome([0, 20])], ".npz"))
    with zipfile.ZipFile(path) as archive:
        assert re.fullmatch(rb"deltarule study, sha256 [0-9a-f]{64}", archive.comment)
    _, first, second = study.write([outcome([0, 20])], ".csv").splitlines()
    assert re.search(rb",[0-9a-f]{64}$", first)
    assert second.endswith(b",")


@pytest.mark.parametrize(("name", "most"), [("chunk", 10**9), ("jobs", 10**6)])
def test_chunks_and_processes_are_counted_up_to_their_bounds(name, most):
    for wrong in (0, most + 1):
        with pytest.raises(
            ValueError, match=f"^{name} must be from 1 to {most}, not {wrong}$|^{name} must be an integer"
        ):
            next(schedule.chunks(QUICK, range(3), **{name: wrong}))


def test_arrays_of_another_kind_or_size_do_not_fit(tmp_path):
    path = tmp_path / "f.npz"
    two = np.zeros((2, 4, 1))
    for starts_, epochs, outputs in (
        (np.array([0.0, 1.0]), np.array([0, 20]), two),
        (np.array([0, 1]), np.array([0.0, 20.0]), two),
        (np.array([0, 1]), np.array([0, 20]), two[:, :3]),
        (np.array([0, 1]), np.array([0, 20]), two[:1]),
        (np.array([0, 1]), np.array([0]), two),
        (np.array([0]), np.array([0, 20]), two),
        (np.array([[0, 1]]), np.array([[0, 20]]), two),
        (np.array([[0, 1]]), np.array([[0, 20]]), two[:1]),
    ):
        path.write_bytes(study.write([Outcome(QUICK, starts_, epochs, outputs)], ".npz"))
        with pytest.raises(ReferenceFileError, match="do not fit|damaged"):
            study.read(path)


def test_arrays_of_just_the_largest_size_are_read_and_one_byte_more_is_not(tmp_path, monkeypatch):
    path = tmp_path / "f.npz"
    path.write_bytes(study.write([outcome([0, 20])], ".npz"))
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    monkeypatch.setattr(files, "LARGEST_ARRAYS", size)
    assert len(study.read(path)) == 1
    monkeypatch.setattr(files, "LARGEST_ARRAYS", size - 1)
    with pytest.raises(ReferenceFileError, match=f"its arrays take {size} bytes, more than {size - 1}"):
        study.read(path)


HEAD = "layout,routine,epochs,hidden,alpha,scale,within,every,start,converged,epoch,y1_1,y2_1,y3_1,y4_1,sha256"
LINE = "2,backprop_xor,95,4,,1.0,0.1,20,3,True,20,0.0,0.25,0.0,0.0,"


@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        (HEAD, LINE, ""),
        (
            HEAD.replace("layout", "version"),
            LINE,
            "the columns are not layout, .*, epoch, the outputs and sha",
        ),
        (HEAD.replace("sha256", "sum"), LINE, "the columns are not"),
        (HEAD.replace(",epoch,", ",age,"), LINE, "the columns are not"),
        (HEAD, LINE.replace("True", "False"), "a line does not say when it converged"),
        (HEAD, LINE.replace("True,20", "True,0"), "a line does not say when it converged"),
        (HEAD, LINE.replace("True", "yes"), "a line does not say when it converged"),
        (HEAD, LINE.replace("2,b", "1,b", 1), "its layout is 1, and this version reads 2; run the study again"),
        (HEAD, LINE.replace("2,b", "x" * 30 + ",b", 1), f"its layout is {'x' * 20}, and this"),
        (HEAD, LINE.replace("0.25", ""), "could not convert"),
        (HEAD, LINE.replace(",4,,", ",40000,,"), "hidden must be from 1"),
        (HEAD, LINE + ",", "zip"),
    ],
)
def test_a_sealed_table_is_read_line_by_line_or_refused(head, line, said, tmp_path):
    path = tmp_path / "f.csv"
    content = f"{head}\n{line}\n{line.replace(',3,', ',4,')}\n".encode()
    path.write_bytes(files.sealed(content, ".csv"))
    if said:
        with pytest.raises(ReferenceFileError, match=said):
            study.read(path)
        return
    (found,) = study.read(path)
    assert found.settings == QUICK
    assert (found.starts.tolist(), found.epochs.tolist(), found.outputs[0, :, 0].tolist()) == (
        [3, 4],
        [20, 20],
        [0, 0.25, 0, 0],
    )


def test_a_start_has_converged_at_a_look_at_which_every_output_is_near_and_at_no_other_time():
    trainer = training.Trainer(Settings("backprop_xor", epochs=95, every=20, within=0.125))
    group = trainer.begun([0, 1])
    D = trainer.targets[None]
    near = D + np.where(D > 0.5, -0.125, 0.125)
    for age, looked_at, last in ((20, True, False), (30, False, False), (95, True, True), (40, True, False)):
        aged = training.Group(group.starts, np.array([age, age]), group.state)
        for k in range(4):
            far = near.copy()
            far[0, k] += 1e-9 if D[0, k] < 0.5 else -1e-9
            for y, is_near in ((near, True), (far, False)):
                both = np.concatenate([y, far])
                trainer.outputs = lambda group, both=both: both
                found, left = trainer.ended(aged)
                done = [0] * ((is_near and looked_at) or last) + [1] * last
                assert found.starts.tolist() == done
                assert found.epochs.tolist() == [age * (is_near and looked_at)] * bool(done) + [0] * last
                assert left.starts.tolist() == [s for s in (0, 1) if s not in done]
                assert left.ages.tolist() == [age] * (2 - len(done))


def test_networks_of_a_group_are_chosen_with_their_starts_ages_and_weights():
    trainer = training.Trainer(QUICK)
    group = trainer.trained(trainer.begun([4, 5, 6]), 3)
    assert (len(group), group.ages.tolist()) == (3, [3, 3, 3])
    some = group.those(np.array([False, False, True]))
    assert (some.starts.tolist(), some.ages.tolist()) == ([6], [3])
    for W, whole in zip(some.state, group.state, strict=True):
        assert W.values.shape[-1] == 2  # a single network is there twice
        np.testing.assert_array_equal(W.values[..., 0], whole.values[..., 2])
    both = training.together([some, trainer.begun([9])])
    assert (both.starts.tolist(), both.ages.tolist()) == ([6, 9], [3, 0])
    assert [W.values.shape[-1] for W in both.state] == [2, 2]
    assert trainer.outputs(both).shape == (2, 4, 1)
    np.testing.assert_array_equal(trainer.outputs(both)[0], trainer.outputs(some)[0])


def test_the_curve_of_an_error_is_that_of_the_listing_after_each_of_its_epochs():
    settings = Settings("backprop_xor", epochs=30)
    marks, errors = training.error_curves(settings, [3, 8])
    assert marks.tolist() == list(np.unique(np.geomspace(1, 30, 100).round()))
    assert errors.shape == (2, len(marks))
    X, D = settings.experiment.samples()
    for row, start in zip(errors, (3, 8), strict=True):
        weights, right = settings.start(start), {}
        for epoch in range(1, 31):
            weights = settings.experiment.routine(*weights, X, D)
            right[epoch] = float(((settings.experiment.forward(*weights, X)[:, 0] - D) ** 2).mean())
        assert_within(row, [right[epoch] for epoch in marks], absolute=1e-13, relative=0)


@pytest.mark.parametrize(
    ("weights", "device", "at_once"),
    [
        (16, "cpu", 8192),
        (17, "cpu", 7710),
        (64, "gpu", 131072),
        (65, "gpu", 129055),
        (131072, "cpu", 1),
        (10**6, "cpu", 1),
    ],
)
def test_as_many_networks_are_trained_at_once_as_have_room_and_no_more_than_the_most(weights, device, at_once):
    class Shaped:
        of_networks, tested, hidden = False, False, None

        class experiment:
            @staticmethod
            def shapes(hidden):
                return (1, weights - 1), (1, 1)

    assert schedule.networks_at_once(Shaped, device) == at_once
    assert schedule.networks_at_once(Settings(next(iter(study.network_experiments.NETWORKS)))) == 1


@pytest.mark.parametrize(
    ("left", "jobs", "chunk", "hands"), [(7, 1, 10, 1), (7, 3, 10, 3), (7, 1, 3, 3), (2, 5, 10, 2), (6, 1, 3, 2)]
)
def test_the_networks_that_are_left_are_dealt_out_evenly_and_each_once(left, jobs, chunk, hands):
    trainer = training.Trainer(QUICK)
    groups = [trainer.begun([k]) for k in range(left)]
    dealt = list(schedule._to_the_end(QUICK, chunk, groups, jobs, "cpu"))
    assert len(dealt) == hands
    sizes = [len(group) for _, (group,), *_ in dealt]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(k for _, (group,), *_ in dealt for k in group.starts.tolist()) == list(range(left))
    assert all((new, fewest, device) == ((), 0, "cpu") for _, _, new, fewest, device in dealt)
    assert list(schedule._to_the_end(QUICK, chunk, [], jobs, "cpu")) == []


@pytest.mark.parametrize(("name", "fewest"), [("backprop_xor", 6), ("deep_dropout", 0)])
def test_new_starts_fill_the_chunks_beside_the_networks_that_are_left(name, fewest):
    settings, left = Settings(name), []
    made = schedule._with_new_starts(settings, range(10, 29), 8, left, "cpu")
    assert next(made) == (settings, [], range(10, 18), fewest, "cpu")
    left.append(range(6))
    assert next(made) == (settings, [range(6)], range(18, 20), fewest, "cpu")
    assert next(made) == (settings, [], range(20, 28), fewest, "cpu")
    assert next(made) == (settings, [], range(28, 29), fewest, "cpu")
    assert list(made) == []


@pytest.mark.parametrize(("kind", "field"), [(Settings, "epochs"), (training.Group, "ages")])
def test_settings_and_groups_cannot_be_changed(kind, field):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(object.__new__(kind), field, 1)


def test_a_start_that_does_not_converge_is_trained_to_its_last_epoch_which_no_look_falls_on():
    settings = Settings("backprop_xor", epochs=95, every=20, within=1e-9)
    found = study.study(settings, 3)
    assert found.epochs.tolist() == [0, 0, 0]
    X, D = settings.experiment.samples()
    for k in range(3):
        weights = settings.start(k)
        for _ in range(95):
            weights = settings.experiment.routine(*weights, X, D)
        assert_within(found.outputs[k], settings.experiment.forward(*weights, X), absolute=1e-13, relative=0)


@pytest.mark.parametrize(("chunk", "jobs", "at_once"), [(None, 1, 10), (None, 3, 4), (2, 3, 2), (7, 2, 5), (4, 2, 4)])
def test_every_process_has_its_share_of_the_starts_and_no_chunk_is_larger_than_asked(chunk, jobs, at_once, monkeypatch):
    seen = []
    monkeypatch.setattr(schedule, "_with_new_starts", lambda settings, starts, chunk, *_: seen.append(chunk))
    monkeypatch.setattr(schedule, "results", lambda *_: (nothing for nothing in ()))
    assert list(schedule.chunks(QUICK, range(10), chunk=chunk, jobs=jobs)) == []
    assert seen == [at_once]
