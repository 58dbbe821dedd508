"""The judge of the from-scratch wing in pairs: the book's own numbers are right; wrong by just more is seen."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from closeness import assert_within
from runs import ROOT

from deltarule.basics.files import ReferenceFileError
from deltarule.evidence import from_scratch
from deltarule.evidence.from_scratch import (
    RUNS,
    SEEDS,
    as_kept,
    deviations,
    entries_of,
    file_name,
    judge,
    off,
    read_golden,
    tolerance,
    worst,
)

GOLDEN = ROOT / "reference" / "golden"
FILES = sorted({file_name(part, seed) for part in RUNS for seed in SEEDS})


def parts():
    """By file, the name of its part."""
    return {file_name(part, seed): part for part in RUNS for seed in SEEDS}


@pytest.fixture(name="whole", scope="module")
def whole_entries():
    """By file, what it holds."""
    return {file: read_golden(GOLDEN / "from_scratch" / file) for file in FILES}


def test_there_are_23_files_and_each_is_of_a_known_run():
    on_disk = {path.name for path in (GOLDEN / "from_scratch").glob("?_*.npz")}
    assert on_disk == set(FILES)
    assert len(FILES) == 23


def test_the_folder_stays_small():
    assert sum(path.stat().st_size for path in (GOLDEN / "from_scratch").iterdir()) < 1_700_000


@pytest.mark.parametrize("file", FILES)
def test_each_entry_belongs_to_one_run(file, whole):
    part = parts()[file]
    by_run = {run: entries_of(part, run, whole[file]) for run in RUNS[part]}
    assert all(by_run.values())
    assert sorted(run + name for run, entries in by_run.items() for name in entries) == sorted(whole[file])


def test_a_run_whose_name_begins_as_anothers_has_its_own_entries(whole):
    kept = whole["e_overfit_decay_seed1.npz"]
    assert "W7" in entries_of("e_overfit_decay", "decay_at100_", kept)
    assert entries_of("e_overfit_decay", "decay_", kept).keys() & {"W7", "loss", "at100_W7"} == {"W7", "loss"}
    assert "at30_W7" not in entries_of("f_dropout", "", whole["f_dropout_seed1.npz"])


@pytest.mark.parametrize("file", FILES)
def test_what_is_exact_and_what_is_not(file, whole):
    part = parts()[file]
    for entry, kept in whole[file].items():
        most, absolute = tolerance(part, entry)
        if kept.dtype.kind == "i":
            assert (most, absolute) == (0, True), entry
    exact = {entry for entry in whole[file] if tolerance(part, entry)[0] == 0}
    for entry in exact - {e for e in exact if e.endswith(("next_rand", "__every97"))}:
        counted = 120_000 * whole[file][entry]  # a share of 8,000, 2,000, 400, 300 or 100 images
        assert_within(counted, counted.round(), absolute=1e-6, relative=0)
    assert any("loss" in entry for entry in whole[file].keys() - exact) or part[0] not in "abcdefg"


def test_the_tolerances():
    assert tolerance("a_two_layer", "ch04_W1__every97") == (1e-9, False)
    assert tolerance("b_optimizers", "Adam_loss") == (1e-9, False)
    assert tolerance("b_optimizers", "RMSprop_loss") == (1e-4, False)
    assert tolerance("b_optimizers", "RMSprop_next_rand") == (0, True)
    assert tolerance("d_batchnorm", "b5") == (1e-10, True)
    assert tolerance("d_batchnorm", "b6") == (1e-9, False)
    assert tolerance("d_batchnorm", "beta5") == (1e-9, False)
    assert tolerance("e_overfit_decay", "decay_b5") == (1e-9, False)
    assert (
        tolerance("f_dropout", "b5") == tolerance("g_convnet", "b1") == tolerance("a_two_layer", "b1") == (1e-9, False)
    )
    assert tolerance("g_convnet", "check_numerical_W1") == (1e-7, True)
    assert tolerance("g_convnet", "check_backprop_W1") == (1e-9, False)
    assert tolerance("i_gradient_check", "ch04_mean_abs_diff_b1") == (1e-7, True)
    assert tolerance("h_paths", "RMSprop") == (1e-9, False)
    assert tolerance("l_layers", "sm_loss_labels") == (1e-9, False)


def found_in(part, run, golden):
    """What a run of ours would have to give, of entries that are kept whole."""
    return {name: a.copy() for name, a in entries_of(part, run, golden).items() if "__" not in name}


CASES = [  # part, run, entry and by how much it may be off: all kinds of tolerances
    ("a_two_layer", "ch05_", "W2", 1e-9, True),
    ("a_two_layer", "ch05_", "train_loss_list", 1e-9, True),
    ("b_optimizers", "RMSprop_", "W5", 1e-4, True),
    ("d_batchnorm", "", "b3", 1e-10, False),
    ("d_batchnorm", "", "BatchNorm5_running_var", 1e-9, True),
    ("g_convnet", "check_", "numerical_W2", 1e-7, False),
    ("h_paths", "", "RMSprop", 1e-9, True),
    ("l_layers", "", "sm_dx_labels", 1e-9, True),
]


@pytest.mark.parametrize(("part", "run", "entry", "most", "relative"), CASES)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_off_by_just_less_is_right_and_by_just_more_is_wrong(part, run, entry, most, relative, sign, whole):
    golden = whole[file_name(part, 1)]
    kept = entries_of(part, run, golden)[entry]
    step = sign * most * (abs(kept).max() if relative else 1)
    for index in (0, kept.size // 2, kept.size - 1):
        for by, right in ((0.99, True), (1.01, False)):
            found = found_in(part, run, golden)
            found[entry].flat[index] += by * step
            (it,) = (d for d in deviations(part, run, found, golden) if d.entry == run + entry)
            assert it.right is right, (index, by)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_wrong_on_either_side(bad, whole):
    golden = whole["h_paths.npz"]
    found = found_in("h_paths", "", golden)
    found["Adam"][30, 1] = bad
    assert worst(deviations("h_paths", "", found, golden)) == ("Adam", np.inf, 1e-9)
    assert worst(deviations("h_paths", "", golden, golden | {"Adam": found["Adam"]})) == ("Adam", np.inf, 1e-9)
    assert worst(deviations("h_paths", "", found, golden | {"Adam": found["Adam"]})) == ("Adam", np.inf, 1e-9)


def test_a_missing_entry_is_wrong_and_an_unknown_one_an_error(whole):
    golden = whole["h_paths.npz"]
    found = found_in("h_paths", "", golden)
    assert all(d.right for d in deviations("h_paths", "", found, golden))
    for name in golden:
        missing = {other: a for other, a in found.items() if other != name}
        assert worst(deviations("h_paths", "", missing, golden)) == (name, np.inf, 1e-9)
    with pytest.raises(ValueError, match="found has 'Adma', which the golden file h_paths has not for the run ''"):
        deviations("h_paths", "", found | {"Adma": found["Adam"]}, golden)


def test_another_shape_is_wrong(whole):
    golden = whole["h_paths.npz"]
    for other in (golden["SGD"].T, golden["SGD"][:-1], golden["SGD"][None], golden["SGD"].ravel()):
        assert worst(deviations("h_paths", "", golden | {"SGD": other}, golden)) == ("SGD", np.inf, 1e-9)


def by_one_image(accuracies, images):
    """The accuracies, one of them off by one image."""
    accuracies = accuracies.copy()
    accuracies[-1] += 1 / images
    return accuracies


def test_an_accuracy_off_by_one_image_is_wrong(whole):
    golden = whole["k_hyper_seed1.npz"]
    found = found_in("k_hyper", "", golden)
    for name, images in (("val_acc", 100), ("train_acc", 400)):
        wrong = found | {name: by_one_image(found[name], images)}
        it = worst(deviations("k_hyper", "", wrong, golden))
        assert (it.entry, it.right, it.tolerance) == (name, False, 0)
    wrong = found | {"first_train_labels": by_one_image(found["first_train_labels"].astype(float), 1)}
    assert not worst(deviations("k_hyper", "", wrong, golden)).right


def test_a_next_random_number_off_by_one_unit_in_the_last_place_is_wrong(whole):
    for file, part in parts().items():
        for run in RUNS[part]:
            entries = entries_of(part, run, whole[file])
            if "next_rand" not in entries:
                continue
            for towards in (0, 1):
                wrong = {"next_rand": np.nextafter(entries["next_rand"], towards)}
                (it,) = (d for d in deviations(part, run, wrong, whole[file]) if d.entry.endswith("next_rand"))
                assert it.tolerance == 0 < it.deviation < 1e-15
                assert not it.right


def test_the_worst_is_the_largest_part_of_its_tolerance():
    a = from_scratch.Deviation("a", 1e-10, 1e-9)
    b = from_scratch.Deviation("b", 1e-6, 1e-4)
    exact, missed = from_scratch.Deviation("next_rand", 0.0, 0.0), from_scratch.Deviation("acc", 1e-20, 0.0)
    assert worst([a, b, exact]) is a
    assert worst([a, b, exact, missed]) is missed
    assert worst([exact]) is exact


BIG = np.random.RandomState(0).randn(70, 20)


def test_arrays_of_up_to_1000_elements_are_kept_whole_and_of_larger_ones_three_entries():
    assert as_kept({"W": BIG[:50]}).keys() == {"W"}
    kept = as_kept({"W": BIG})
    assert kept.keys() == {"W__every97", "W__sum_norm", "W__shape"}
    np.testing.assert_array_equal(kept["W__every97"], BIG.ravel()[[97 * i for i in range(15)]])
    np.testing.assert_array_equal(kept["W__sum_norm"], [BIG.sum(), np.linalg.norm(BIG)])
    np.testing.assert_array_equal(kept["W__shape"], (70, 20))
    assert as_kept({"W": BIG[:50, :]})["W"] is not None
    assert as_kept({"W": np.zeros(1001)}).keys() == kept.keys()


def test_the_order_of_elements_in_memory_does_not_matter():
    for name, a in as_kept({"W": np.asfortranarray(BIG)}).items():
        assert off(a, as_kept({"W": BIG})[name]) <= 1e-14


def test_a_change_of_any_element_of_a_big_array_is_seen_in_its_sum():
    golden = as_kept({"ch04_W1": BIG, "ch05_W1": BIG})
    largest = abs(golden["ch04_W1__sum_norm"]).max()
    for index in (1, 700, BIG.size - 1):
        for by, right in ((0.9e-9, True), (1.1e-9, False)):
            W = BIG.copy()
            W.flat[index] += by * largest
            assert worst(deviations("a_two_layer", "ch04_", {"W1": W}, golden)).right is right
    transposed = deviations("a_two_layer", "ch04_", {"W1": BIG.T}, golden)
    assert [d.entry for d in transposed if not d.right] == ["ch04_W1__every97", "ch04_W1__shape"]


def test_a_rounding_of_each_element_is_no_fault_of_the_sum_of_numerical_gradients():
    golden = as_kept({"ch04_numerical_W1": BIG, "ch05_W1": BIG})
    moved = BIG + 0.99e-7 * np.where(np.arange(BIG.size).reshape(BIG.shape) % 2, 1, -1)
    assert worst(deviations("i_gradient_check", "ch04_", {"numerical_W1": moved}, golden)).right
    wrong = BIG + 1.01e-7 * np.where(np.arange(BIG.size).reshape(BIG.shape) % 2, 1, -1)
    assert not worst(deviations("i_gradient_check", "ch04_", {"numerical_W1": wrong}, golden)).right


def test_differences_are_relative_to_the_largest_element():
    golden = np.array([[1.0, -4.0], [0.0, 1e-9]])
    assert off(golden, golden) == 0
    moved = golden + np.array([[0, 0], [0, 1]])
    assert off(moved, golden) == 0.25
    assert off(moved, golden, absolute=True) == 1
    assert off(np.zeros(2), np.zeros(2)) == 0
    assert off(np.full(2, 1e-300), np.zeros(2)) == np.inf
    assert off(np.ones(3), np.ones((3, 1))) == np.inf


@pytest.mark.parametrize("seed", SEEDS)
def test_the_judge_finds_the_books_own_numbers_right(seed, whole):
    golden = whole[file_name("k_hyper", seed)]
    found = found_in("k_hyper", "", golden)
    paths = found_in("h_paths", "", whole["h_paths.npz"])
    runs = {("k_hyper", ""): found, ("h_paths", ""): paths}
    right = judge(GOLDEN, seed, runs)
    assert (right["deviation"], right["entries"]) == (0, len(golden) + 7)
    found["lr_decay"][2, 0] *= 1 + 1e-8
    wrong = judge(GOLDEN, seed, runs)
    assert wrong["entry"] == "lr_decay"
    assert wrong["deviation"] > wrong["tolerance"] == 1e-9


def test_the_judge_looks_at_a_part_of_a_run_only_if_told_so(whole):
    found = found_in("k_hyper", "", whole["k_hyper_seed1.npz"])
    some = {("k_hyper", ""): {"val_acc": found["val_acc"]}}
    assert judge(GOLDEN, 1, some)["deviation"] == np.inf
    assert judge(GOLDEN, 1, some, partly=True) == {"entry": "val_acc", "deviation": 0, "tolerance": 0, "entries": 1}
    some["k_hyper", ""]["val_acc"] = by_one_image(found["val_acc"], 100)
    assert judge(GOLDEN, 1, some, partly=True)["deviation"] > 0
    assert judge(GOLDEN, 1, {("k_hyper", ""): {}}, partly=True) is None


def test_the_three_entries_of_a_big_array_are_all_looked_at_in_part():
    some = {("a_two_layer", "ch05_"): {"W1": np.zeros((784, 50))}}
    assert judge(GOLDEN, 1, some, partly=True)["entries"] == 3


def test_underscores_in_a_name_do_not_hide_an_entry(whole):
    name = "loss_train_mode_before__loss_in_use_after"
    found = {name: whole["d_batchnorm_seed1.npz"][name]}
    assert judge(GOLDEN, 1, {("d_batchnorm", ""): found}, partly=True)["entry"] == name


def test_there_is_no_judge_for_a_run_that_the_books_code_did_not_make(tmp_path):
    for part, run, seed in (("k_hyper", "", 3), ("k_hyper", "", None), ("k_hyper", "decay_", 1), ("m_other", "", 1)):
        assert judge(tmp_path, seed, {(part, run): {}}) is None
    assert judge(tmp_path, 1, {}) is None


def test_the_paths_of_the_optimisers_are_judged_from_any_seed(whole):
    for seed in (None, 1, 99):
        assert judge(GOLDEN, seed, {("h_paths", ""): found_in("h_paths", "", whole["h_paths.npz"])})["deviation"] == 0


def copy_of_golden(folder):
    return Path(shutil.copytree(GOLDEN / "from_scratch", folder / "from_scratch"))


def test_a_file_is_known_by_its_name_wherever_the_text_comes_from(whole):
    part = "_".join(["h", "paths"])  # equal to the constant, but not the same object
    assert file_name(part, 1) == "h_paths.npz"
    assert judge(GOLDEN, None, {(part, ""): entries_of(part, "", whole["h_paths.npz"])})["deviation"] == 0


def test_a_missing_file_is_named_with_what_restores_it(tmp_path):
    with pytest.raises(ReferenceFileError, match=r"h_paths\.npz: No such file.*`git checkout h_paths\.npz`"):
        judge(tmp_path, 1, {("h_paths", ""): {}})
    with pytest.raises(ReferenceFileError, match=r"torch\.npz: No such file.*`python reference/torch_layers\.py`"):
        read_golden(tmp_path / "torch.npz")


@pytest.mark.parametrize(
    "edit",
    [lambda c: c[:-5], lambda c: c[:200] + b"\0" + c[201:], lambda c: b"", lambda c: c + b"x"],
    ids=["cut off", "a byte", "empty", "longer"],
)
def test_an_edited_file_is_refused(edit, tmp_path):
    path = copy_of_golden(tmp_path) / "h_paths.npz"
    path.write_bytes(edit(path.read_bytes()))
    with pytest.raises(ReferenceFileError, match=r"h_paths\.npz: edited or damaged.*`git checkout h_paths\.npz`"):
        read_golden(path)


@pytest.mark.parametrize(
    "edit",
    [lambda c: b"", lambda c: b"no archive at all" * 20, lambda c: c[:400], lambda c: c[:60] + bytes(90) + c[150:]],
    ids=["empty", "text", "cut off", "zeros inside"],
)
def test_a_damaged_file_is_refused_even_when_its_sum_is_entered(edit, tmp_path):
    path = copy_of_golden(tmp_path) / "h_paths.npz"
    path.write_bytes(edit(path.read_bytes()))
    (path.parent / "SHA256SUMS").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    with pytest.raises(ReferenceFileError, match=r"h_paths\.npz: not a NumPy archive that can be read"):
        read_golden(path)


def test_the_sums_are_those_of_the_files_and_of_no_others():
    folder = GOLDEN / "from_scratch"
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}" for p in sorted(folder.glob("*.npz"))]
    assert (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines() == lines
