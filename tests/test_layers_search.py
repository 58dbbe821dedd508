"""Random search: what a trial draws, that trials come out alike in any number of processes, and the file of them."""

import builtins
import dataclasses
import hashlib
import inspect
import json
from contextlib import nullcontext
from math import log10

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from deltarule.basics.files import ReferenceFileError, locked
from deltarule.layers import MultiLayerNet, Trainer, one_hot, random_search, search
from deltarule.layers.search import RANGES, Settings, Trial, best, sample, split, trial

X = np.random.RandomState(9).rand(60, 4)
T = (X[:, 0] > X[:, 1]).astype(int)
SMALL = {
    "ranges": {"lr": (1e-2, 10), "weight_decay_lambda": (1e-8, 1e-2)}, "trials": 4, "epochs": 5, "mini_batch_size": 10,
    "network": {"hidden_size_list": [6], "output_size": 2},
}  # fmt: skip


def searched(**options):
    return random_search(X, T, **(SMALL | options))


# ---------------------------------------------------------------- the parts


def test_values_are_uniform_in_their_logarithm_and_drawn_in_the_order_of_the_ranges():
    values = sample(RANGES, rng=np.random.RandomState(4))
    theirs = np.random.RandomState(4)
    assert values == {"weight_decay_lambda": 10 ** theirs.uniform(-8, -4), "lr": 10 ** theirs.uniform(-6, -2)}
    rng = np.random.RandomState(5)
    many = [sample({"lr": (1e-6, 1e-2)}, rng=rng)["lr"] for _ in range(4000)]
    assert 1e-6 <= min(many) < max(many) <= 1e-2
    counts, _ = np.histogram(np.log10(many), 4, range=(-6, -2))
    assert abs(counts - 1000).max() < 120  # 4.4 standard deviations


def test_a_range_of_one_value_gives_it():
    assert log10(sample({"lr": (0.01, 0.01)}, rng=np.random.RandomState(4))["lr"]) == -2


def test_the_first_of_the_shuffled_samples_are_held_back():
    x, t, x_val, t_val = split(X, np.arange(60), 0.25, rng=np.random.RandomState(6))
    order = np.random.RandomState(6).permutation(60)
    np.testing.assert_array_equal(t_val, order[:15])
    np.testing.assert_array_equal(t, order[15:])
    np.testing.assert_array_equal(x_val, X[order[:15]])
    np.testing.assert_array_equal(x, X[order[15:]])


def test_a_trial_draws_values_then_weights_then_batches():
    settings = Settings(SMALL["ranges"], {"input_size": 4, **SMALL["network"]}, epochs=5, mini_batch_size=10)
    data = split(X, T, 0.2, rng=np.random.RandomState(6))
    rng, theirs = np.random.RandomState(7), np.random.RandomState(7)
    found = trial(3, settings, data, rng)
    lr = 10 ** (-2 + 3 * theirs.rand())
    decay = 10 ** (-8 + 6 * theirs.rand())
    network = MultiLayerNet(4, [6], 2, weight_decay_lambda=decay, rng=theirs)
    trainer = Trainer(network, *data, epochs=5, mini_batch_size=10, optimizer_param={"lr": lr}, rng=theirs)
    trainer.train()
    lists = tuple(trainer.test_acc_list), tuple(trainer.train_acc_list)
    expected = Trial(3, {"lr": lr, "weight_decay_lambda": decay}, network.accuracy(*data[2:]), *lists)
    assert found == expected
    assert rng.rand() == theirs.rand()


def test_the_best_come_first_those_that_diverged_last_and_of_equal_ones_the_earlier():
    ends = [(0.5, False), (0.7, False), (0.0, True), (0.7, False)]
    trials = [Trial(number, {}, val_acc, (0.9,), (), diverged) for number, (val_acc, diverged) in enumerate(ends)]
    assert [each.number for each in best(trials)] == [1, 3, 0, 2]
    assert [each.number for each in best(trials, 2)] == [1, 3]


# ---------------------------------------------------------------- the search


def test_each_trial_has_a_stream_of_the_seed_and_its_number():
    found = searched(seed=3)
    assert [each.number for each in found] == [0, 1, 2, 3]
    for each in found:
        assert each.values == sample(SMALL["ranges"], rng=np.random.RandomState([3, each.number]))
    assert searched(seed=3) == found
    assert searched(seed=3, trials=2) == found[:2]
    assert searched(seed=4)[0].values != found[0].values


def test_a_trial_can_be_done_again_alone():
    found = searched(seed=3)[2]
    settings = Settings(SMALL["ranges"], {"input_size": 4, **SMALL["network"]}, epochs=5, mini_batch_size=10)
    data = split(X, T, 0.2, rng=np.random.RandomState([3]))
    assert trial(2, settings, data, np.random.RandomState([3, 2])) == found


def test_one_hot_rows_are_searched_as_digits_are():
    assert random_search(X, one_hot(T, 2), **SMALL) == searched()


def test_without_options_the_network_and_the_lengths_are_the_books(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "_own_trial", lambda number, *_: Trial(number, {}, 0.5, (), ()))
    x, t = np.random.RandomState(1).rand(125, 4), np.arange(125) % 10
    assert len(random_search(x, t, file=tmp_path / "search.jsonl")) == 100
    about = json.loads((tmp_path / "search.jsonl").read_text().splitlines()[1])
    del about["data"]
    assert about == {
        "ranges": {"weight_decay_lambda": [1e-8, 1e-4], "lr": [1e-6, 1e-2]},
        "network": {"input_size": 4, "hidden_size_list": [100, 100, 100, 100, 100, 100], "output_size": 10},
        "optimizer": "SGD", "optimizer_param": None, "epochs": 50, "mini_batch_size": 100, "validation_rate": 0.2,
        "seed": 0,
    }  # fmt: skip


def test_a_trial_works_in_one_thread(monkeypatch):
    threads = []
    monkeypatch.setattr(search, "trial", lambda *_: threads.extend(each["num_threads"] for each in threadpool_info()))
    with threadpool_limits(2):
        search._own_trial(0, Settings({}, {}), ())
    assert set(threads) <= {1}


def test_settings_and_a_search_have_the_same_defaults():
    of_search = inspect.signature(random_search).parameters
    fields = [field for field in dataclasses.fields(Settings) if field.default is not dataclasses.MISSING]
    assert [field.name for field in fields] == [field.name for field in dataclasses.fields(Settings)[2:]]
    assert {field.name: field.default for field in fields} == {f.name: of_search[f.name].default for f in fields}


def test_what_the_trials_have_in_common_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings({}, {}).epochs = 1


def test_what_came_of_a_trial_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        searched(trials=1)[0].val_acc = 1.0


def test_the_best_trial_has_learned():
    found = best(searched(trials=4, epochs=20, mini_batch_size=12))
    assert found[0].val_acc >= 0.9
    assert len(found[0].val_acc_list) == len(found[0].train_acc_list) == 20


def test_what_an_optimizer_and_a_network_take_can_be_searched():
    ranges = {"LR": (0.1, 0.2), "momentum": (0.5, 0.9), "weight_init_std": (0.1, 1), "dropout_ratio": (0.1, 0.2)}
    network = {**SMALL["network"], "use_dropout": True}
    (found,) = searched(ranges=ranges, network=network, optimizer="momentum", trials=1)
    assert list(found.values) == ["lr", "momentum", "weight_init_std", "dropout_ratio"]


def test_progress_counts_the_trials_that_are_still_to_do(tmp_path, monkeypatch):
    told = []

    class Bar(nullcontext):
        update = told.append

    monkeypatch.setattr(search, "progress", lambda name, total, unit: told.append(total) or Bar(Bar))
    searched(trials=1, file=tmp_path / "search.jsonl")
    searched(trials=3, file=tmp_path / "search.jsonl")
    assert told == [1, 1, 2, 1, 1]


def test_trials_that_diverge_are_said_to_and_the_others_go_on():
    deep = {"hidden_size_list": [6, 6, 6], "output_size": 2}
    found = searched(ranges={"lr": (1e-3, 1e150)}, network=deep, trials=6, epochs=30)
    assert {each.diverged for each in found} == {True, False}
    assert all(each.val_acc == 0 for each in found if each.diverged)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading"])
def test_trials_are_the_same_in_any_number_of_processes(backend, tmp_path):
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config(backend):
        found = searched(trials=5, processes=2, file=tmp_path / "search.jsonl")
    assert found == searched(trials=5)
    assert searched(trials=5, file=tmp_path / "search.jsonl") == found


@pytest.mark.slow
def test_large_arrays_are_shared_by_processes(monkeypatch):
    pytest.importorskip("joblib")
    monkeypatch.setattr(search, "SHARED", 100)
    assert searched(processes=2) == searched()


def test_processes_without_joblib_are_refused(monkeypatch):
    imported = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("joblib"):
            raise ImportError(name)
        return imported(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="processes above 1 needs joblib"):
        searched(processes=2)
    assert len(searched(processes=1)) == 4


# ---------------------------------------------------------------- the file


def test_the_file_is_written_after_each_trial_and_only_what_is_missing_is_done(tmp_path, monkeypatch):
    file = tmp_path / "search.jsonl"
    work, done = search._own_trial, []

    def interrupted(number, *args):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(number)
        return work(number, *args)

    monkeypatch.setattr(search, "_own_trial", interrupted)
    with pytest.raises(KeyboardInterrupt):
        searched(file=file)
    assert len(file.read_text().splitlines()) == 2 + 2
    done.clear()
    monkeypatch.setattr(search, "_own_trial", lambda number, *args: done.append(number) or work(number, *args))
    found = searched(file=file)
    assert done == [2, 3]
    assert found == searched()
    assert searched(file=file, trials=3) == found[:3]
    assert searched(file=str(file), trials=6)[:4] == found
    assert [path.name for path in tmp_path.iterdir()] == ["search.jsonl"]


def test_the_file_has_a_line_for_each_trial_that_any_program_can_read(tmp_path):
    file = tmp_path / "search.jsonl"
    found = searched(file=file)
    head, about, *lines = map(json.loads, file.read_text().splitlines())
    assert head["kind"] == "deltarule random search"
    assert about["network"] == {"input_size": 4, **SMALL["network"]}
    assert [line["values"] for line in lines] == [each.values for each in found]
    assert [tuple(line["val_acc_list"]) for line in lines] == [each.val_acc_list for each in found]


OTHERS = {
    "seed": {"seed": 1},
    "epochs": {"epochs": 6},
    "ranges": {"ranges": {"lr": (1e-2, 1)}},
    "mini_batch_size": {"mini_batch_size": 12},
    "network": {"network": {"hidden_size_list": [7], "output_size": 2}},
    "optimizer": {"optimizer": "Adam"},
    "optimizer_param": {"optimizer": "SGD", "optimizer_param": {}},
    "validation_rate": {"validation_rate": 0.3},
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_file_of_another_search_is_refused_by_name_and_stays(name, tmp_path):
    file = tmp_path / "search.jsonl"
    searched(file=file)
    content = file.read_bytes()
    with pytest.raises(ReferenceFileError, match=rf"search\.jsonl: of another search; it differs in {name}$"):
        searched(file=file, **OTHERS[name])
    assert file.read_bytes() == content


def test_the_file_of_other_data_is_refused(tmp_path):
    file = tmp_path / "search.jsonl"
    searched(file=file)
    with pytest.raises(ReferenceFileError, match="it differs in data$"):
        random_search(X * 0.99, T, **SMALL, file=file)


def test_any_damage_of_the_file_is_noticed(tmp_path):
    file = tmp_path / "search.jsonl"
    searched(file=file)
    content = file.read_bytes()
    head = content.index(b"\n")
    for at in {*range(0, len(content), 29), head, head + 1, len(content) - 1}:
        damaged = bytearray(content)
        damaged[at] ^= 1
        file.write_bytes(damaged)
        with pytest.raises(ReferenceFileError, match=r"search\.jsonl: not a file of a random search, or damaged"):
            searched(file=file)
        assert file.read_bytes() == damaged
    for end in (0, 10, head, head + 1, head + 40, len(content) - 1):
        file.write_bytes(content[:end])
        with pytest.raises(ReferenceFileError, match=r"search\.jsonl: not a file of a random search, or damaged"):
            searched(file=file)


FOREIGN = {
    "text": b"hello\n",
    "numbers": b"1\n2\n",
    "another kind": b'{"kind": "x", "layout": 1, "sha256": ""}\n',
    "another layout": b'{"kind": "deltarule random search", "layout": 2, "sha256": ""}\n',
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_refused_by_name_and_stays(name, tmp_path):
    file = tmp_path / "mine.txt"
    file.write_bytes(FOREIGN[name])
    with pytest.raises(ReferenceFileError, match=r"mine\.txt: not a file of a random search, or damaged"):
        searched(file=file)
    assert file.read_bytes() == FOREIGN[name]


def sealed(file, *lines):
    """Write a file of these lines with the SHA-256 that belongs to them."""
    rest = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    head = {"kind": search.KIND, "layout": search.LAYOUT, "sha256": hashlib.sha256(rest).hexdigest()}
    file.write_bytes(json.dumps(head).encode() + b"\n" + rest)


def test_a_sealed_file_with_other_fields_is_refused(tmp_path):
    file = tmp_path / "search.jsonl"
    searched(file=file)
    about = json.loads(file.read_bytes().splitlines()[1])
    sealed(file, about, {"number": 0, "colour": "red"})
    with pytest.raises(ReferenceFileError, match="or damaged: .*colour"):
        searched(file=file)


def test_a_sealed_file_that_says_more_or_less_of_its_search_is_of_another(tmp_path):
    file = tmp_path / "search.jsonl"
    searched(file=file)
    about, *lines = map(json.loads, file.read_bytes().splitlines()[1:])
    for other in (about | {"colour": "red"}, {name: value for name, value in about.items() if name != "epochs"}):
        (name,) = about.keys() ^ other.keys()
        sealed(file, other, *lines)
        with pytest.raises(ReferenceFileError, match=f"of another search; it differs in {name}$"):
            searched(file=file)
    sealed(file, about, *lines)
    assert searched(file=file) == searched()


def test_a_sealed_file_of_a_kind_or_layout_that_is_not_known_is_refused(tmp_path):
    file = tmp_path / "search.jsonl"
    searched(file=file)
    head, rest = file.read_bytes().split(b"\n", 1)
    for name, value in (("kind", "another"), ("kind", "x"), ("layout", 0), ("layout", 2)):
        file.write_bytes(json.dumps(json.loads(head) | {name: value}).encode() + b"\n" + rest)
        with pytest.raises(ReferenceFileError, match=f"or damaged: it is .*{value}"):
            searched(file=file)
    file.write_bytes(head + b"\n" + rest)
    assert searched(file=file) == searched()


def test_a_file_that_another_process_writes_is_refused(tmp_path):
    file = tmp_path / "search.jsonl"
    with locked(file), pytest.raises(BlockingIOError, match=r"another process is writing it.*search\.jsonl"):
        searched(file=file)


def test_a_folder_is_no_file_of_a_search(tmp_path):
    with pytest.raises(ReferenceFileError, match="Is a directory"):
        searched(file=tmp_path)


# ---------------------------------------------------------------- what it refuses

WRONG = {
    "unknown name": ({"ranges": {"learning_rate": (1, 2)}}, ValueError, "ranges must be one of lr, weight_decay"),
    "of another optimizer": ({"ranges": {"momentum": (0.5, 0.9)}}, ValueError, "ranges must be one of lr, "),
    "no range": ({"ranges": {}}, TypeError, "ranges must be a dict of at least one"),
    "list": ({"ranges": [1, 2]}, TypeError, "ranges must be a dict of at least one"),
    "one end": ({"ranges": {"lr": (1,)}}, ValueError, r"ranges\['lr'\] must be \(smallest, largest\)"),
    "three ends": ({"ranges": {"lr": (1, 2, 3)}}, ValueError, r"ranges\['lr'\] must be \(smallest, largest\)"),
    "wrong way round": ({"ranges": {"lr": (1, 0.1)}}, ValueError, r"ranges\['lr'\] must be \(smallest, largest\)"),
    "zero": ({"ranges": {"lr": (0, 0.1)}}, ValueError, r"ranges\['lr'\] must be above 0"),
    "infinite": ({"ranges": {"lr": (0.1, float("inf"))}}, ValueError, r"ranges\['lr'\] must be finite"),
    "ratio that drops all": (
        {"ranges": {"dropout_ratio": (0.1, 1)}, "network": {**SMALL["network"], "use_dropout": True}}, ValueError,
        "dropout_ratio must be in",
    ),
    "no trials": ({"trials": 0}, ValueError, "trials must be at least 1"),
    "no processes": ({"processes": 0}, ValueError, "processes must be at least 1"),
    "nothing held back": ({"validation_rate": 0.01}, ValueError, "validation_rate must leave samples on both sides"),
    "all held back": ({"validation_rate": 1}, ValueError, "validation_rate must leave samples on both sides"),
    "negative share": ({"validation_rate": -0.2}, ValueError, "validation_rate must be above 0"),
    "batch": ({"mini_batch_size": 49}, ValueError, "mini_batch_size must be at most 48"),
    "epochs": ({"epochs": 0}, ValueError, "epochs must be at least 1"),
    "optimizer": ({"optimizer": "Adan"}, ValueError, "optimizer must be one of .* did you mean 'Adam'"),
    "optimizer_param": ({"optimizer_param": {"beta": 1}}, TypeError, "optimizer_param must be what SGD takes"),
    "network": ({"network": [6]}, TypeError, "network must be a dict of what MultiLayerNet takes"),
    "unknown of a network": ({"network": {"hidden": [6]}}, TypeError, "network must be what MultiLayerNet takes"),
    "classes": ({"network": {"hidden_size_list": [6], "output_size": 1}}, ValueError, "t must be digits from 0 to 0"),
    "seed": ({"seed": -1}, ValueError, "seed must be at least 0"),
    "seed too large": ({"seed": 2**32}, ValueError, r"seed must be below 2\*\*32"),
    "seed of time": ({"seed": 1.5}, TypeError, "seed must be an integer"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_of_the_search_is_named_before_a_file_is_made(name, tmp_path):
    options, kind, message = WRONG[name]
    with pytest.raises(kind, match=message):
        searched(**options, file=tmp_path / "search.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_the_largest_seed_is_taken():
    assert [each.number for each in searched(seed=2**32 - 1, trials=1)] == [0]


@pytest.mark.parametrize(
    ("x", "t", "message"),
    [
        (X[:, 0], T, "x must have one sample a row"),
        (X, T[1:], "t must be digits of shape"),
        (np.where(X > 0.9, np.inf, X), T, "x must be finite"),
    ],
    ids=["vector", "lengths", "infinite"],
)
def test_samples_and_labels_that_do_not_fit_are_named(x, t, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        random_search(x, t, **SMALL)
