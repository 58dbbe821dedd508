"""The trainer: what an iteration draws, computes and records, and how it ends."""

import io
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import strict
from closeness import assert_within
from runs import ROOT

from deltarule import matlab
from deltarule.basics.progress import progress
from deltarule.layers import SGD, MultiLayerNet, SimpleConvNet, Trainer, TwoLayerNet, one_hot, shuffle_dataset

X = np.random.RandomState(9).rand(40, 6)
T = (X[:, 0] > X[:, 1]).astype(int) + (X[:, 2] > 0.5)
OTHER = np.random.RandomState(8).rand(15, 6), np.arange(15) % 3


def trainer(*test, network=None, seed=1, **options):
    """A trainer of a small network and the stream that both draw from."""
    rng = np.random.RandomState(seed)
    network = TwoLayerNet(6, 5, 3, 0.5, rng=rng) if network is None else network
    options = {"mini_batch_size": 10, "epochs": 3, "optimizer_param": {"lr": 0.5}} | options
    return Trainer(network, X, T, *test, **({"rng": rng} | options)), rng


def by_hand(iterations, every, seed=1, test=OTHER):
    """The same, written out: weights, losses, accuracies and the next number."""
    rng = np.random.RandomState(seed)
    W1, W2 = 0.5 * rng.randn(6, 5), 0.5 * rng.randn(5, 3)
    b1, b2 = np.zeros(5), np.zeros(3)

    def forward(x):
        z = 1 / (1 + np.exp(-(x @ W1 + b1)))
        e = np.exp(z @ W2 + b2)
        return z, e / e.sum(axis=1, keepdims=True)

    losses, train, tested = [], [], []
    for i in range(iterations):
        batch = rng.choice(40, 10)
        x, d = X[batch], np.eye(3)[T[batch]]
        z, y = forward(x)
        delta2 = (y - d) / 10
        delta1 = delta2 @ W2.T * z * (1 - z)
        W1, b1 = W1 - 0.5 * x.T @ delta1, b1 - 0.5 * delta1.sum(axis=0)
        W2, b2 = W2 - 0.5 * z.T @ delta2, b2 - 0.5 * delta2.sum(axis=0)
        losses.append(-np.log((forward(x)[1] * d).sum(axis=1) + 1e-7).mean())
        if i % every == 0:
            train.append((forward(X)[1].argmax(axis=1) == T).mean())
            tested.append((forward(test[0])[1].argmax(axis=1) == test[1]).mean())
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}, losses, train, tested, rng.rand()


def test_an_iteration_draws_a_batch_updates_and_records_the_loss_with_the_new_weights():
    found, rng = trainer(*OTHER)
    found.train()
    params, losses, train, tested, following = by_hand(12, 4)
    for key, W in params.items():
        assert_within(found.network.params[key], W, absolute=1e-13, relative=0)
    assert_within(found.train_loss_list, losses, absolute=1e-13, relative=0)
    assert found.train_acc_list == train
    assert found.test_acc_list == tested
    assert rng.rand() == following
    assert (found.current_iter, found.interrupted, found.diverged) == (12, False, False)


def test_the_loss_before_the_update_is_kept_too():
    found, _ = trainer()
    found.train()
    again, _ = trainer()
    for before in found.batch_loss_list:
        batch = again.draw()
        assert again.network.loss(X[batch], T[batch]) == before
        again.train_step(batch)
    assert again.train_loss_list == found.train_loss_list


@pytest.mark.parametrize(("size", "at"), [(10, [0, 4, 8]), (16, [0, 5, 10]), (40, list(range(12)))])
def test_accuracies_are_recorded_where_the_iteration_is_a_multiple_of_an_epoch(size, at, monkeypatch):
    """40 samples in batches of 16 are two and a half iterations: an epoch begins after 5, as in the book."""
    found, _ = trainer(mini_batch_size=size, iterations=12)
    recorded = []
    monkeypatch.setattr(found.network, "accuracy", lambda x, t: recorded.append(found.current_iter) or 0.5)
    found.train()
    assert recorded == at
    assert found.train_acc_list == [0.5] * len(at)
    assert found.test_acc_list == []
    assert len(found.train_loss_list) == 12


def test_accuracies_are_recorded_after_whole_epochs_where_their_iterations_are_no_binary_fraction():
    found, _ = trainer(mini_batch_size=15, iterations=25)  # 40 / 15 in floating numbers is no third of 8
    found.train()
    assert len(found.train_acc_list) == 4


@pytest.mark.parametrize(("size", "epochs", "iterations"), [(10, 3, 12), (16, 3, 7), (40, 2, 2)])
def test_epochs_are_whole_iterations_rounded_down(size, epochs, iterations):
    found, _ = trainer(mini_batch_size=size, epochs=epochs)
    found.train()
    assert len(found.train_loss_list) == iterations


def test_accuracies_can_be_those_of_the_first_samples_alone():
    found, _ = trainer(*OTHER, evaluate_sample_num_per_epoch=20, iterations=1)
    found.train()
    assert found.train_acc_list == [found.network.accuracy(X[:20], T[:20])]
    assert found.test_acc_list == [found.network.accuracy(*OTHER)]


def test_one_hot_rows_train_as_digits_do():
    found, _ = trainer(*OTHER)
    rng = np.random.RandomState(1)
    rows = Trainer(
        TwoLayerNet(6, 5, 3, 0.5, rng=rng), X, one_hot(T, 3), OTHER[0], one_hot(OTHER[1], 3), mini_batch_size=10,
        epochs=3, optimizer_param={"lr": 0.5}, rng=rng,
    )  # fmt: skip
    found.train()
    rows.train()
    assert rows.train_loss_list == found.train_loss_list
    assert rows.test_acc_list == found.test_acc_list


def test_an_optimizer_by_name_with_its_own_defaults_or_an_object():
    found, _ = trainer(optimizer="adam", optimizer_param=None)
    assert (found.optimizer.lr, found.optimizer.beta1) == (0.001, 0.9)
    given = SGD(0.3)
    assert trainer(optimizer=given, optimizer_param=None)[0].optimizer is given


def test_matlabs_stream_draws_batches_by_randi():
    stream = matlab.rng(4)
    found, _ = trainer(rng=matlab.rng(4))
    np.testing.assert_array_equal(found.draw(), stream.randi(40, 1, 10)[0] - 1)
    np.testing.assert_array_equal(found.draw(), stream.randi(40, 1, 10)[0] - 1)
    found.train()
    assert len(found.train_loss_list) == 12


def test_a_network_on_a_device_trains_there_as_here():
    here, _ = trainer(*OTHER, optimizer="Adam")
    here.train()
    rng = np.random.RandomState(1)
    network = TwoLayerNet(6, 5, 3, 0.5, rng=rng)
    network.params = {key: strict.asarray(W) for key, W in network.params.items()}
    there = Trainer(
        network, *map(strict.asarray, (X, T, *OTHER)), epochs=3, mini_batch_size=10, optimizer="Adam",
        optimizer_param={"lr": 0.5}, rng=rng,
    )  # fmt: skip
    there.train()
    assert there.train_loss_list == here.train_loss_list
    assert there.test_acc_list == here.test_acc_list
    for key, W in there.network.params.items():
        np.testing.assert_array_equal(strict.asnumpy(W), here.network.params[key])


def test_a_float32_network_stays_float32():
    rng = np.random.RandomState(1)
    network = MultiLayerNet(6, [5], 3, use_batchnorm=True, use_dropout=True, rng=rng, dtype=np.float32)
    found = Trainer(network, X.astype(np.float32), T, epochs=2, mini_batch_size=10, optimizer="RMSprop", rng=rng)
    found.train()
    assert {W.dtype for W in network.params.values()} == {np.dtype(np.float32)}
    assert network.layers["BatchNorm1"].running_var.dtype == np.float32


def test_images_train_a_convolutional_network():
    rng = np.random.RandomState(1)
    conv_param = {"filter_num": 4, "filter_size": 3, "pad": 1, "stride": 1}
    network = SimpleConvNet((1, 6, 6), conv_param, 8, 2, 0.1, rng=rng)
    x, t = rng.rand(30, 1, 6, 6), np.arange(30) % 2
    x[t == 1, :, :3] += 1
    found = Trainer(
        network, x, t, epochs=20, mini_batch_size=10, optimizer="Adam", optimizer_param={"lr": 0.01}, rng=rng
    )
    found.train()
    assert found.train_acc_list[-1] == 1
    assert found.train_loss_list[-1] < found.train_loss_list[0] / 2


# ---------------------------------------------------------------- how it ends


def test_ctrl_c_ends_it_early_and_the_lists_stay_and_it_can_go_on():
    found, rng = trainer(*OTHER)
    gradient, calls = found.network.gradient, []

    def interrupted(x, t):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return gradient(x, t)

    found.network.gradient = interrupted
    found.train()
    assert found.interrupted
    assert (found.current_iter, len(found.train_loss_list), len(found.batch_loss_list)) == (5, 5, 5)
    assert len(found.train_acc_list) == len(found.test_acc_list) == 2
    found.train()
    assert not found.interrupted
    assert (found.current_iter, len(found.train_loss_list), len(found.train_acc_list)) == (12, 12, 3)
    found.train()  # nothing is left to do
    assert found.current_iter == 12
    assert rng.rand() < 1


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_is_ctrl_c():
    found, _ = trainer(iterations=10**6)
    killer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    killer.start()
    found.train()
    killer.join()
    assert found.interrupted
    assert 0 < found.current_iter == len(found.train_loss_list) < 10**6


PROGRAM = """
import numpy as np
import deltarule
from deltarule.basics.process import take_ctrl_c
from deltarule.layers import Trainer, TwoLayerNet
take_ctrl_c()
rng = np.random.RandomState(1)
trainer = Trainer(TwoLayerNet(6, 5, 3, rng=rng), rng.rand(40, 6), np.arange(40) % 3, iterations=10**8, rng=rng,
                  mini_batch_size=10)
print("begun", flush=True)
trainer.train()
print("went on")
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_program_of_the_project_is_ended_by_ctrl_c_as_ever():
    command = [sys.executable, "-c", f"import sys; sys.argv = ['two_layer_net.py']\n{PROGRAM}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed, said) == (130, "", "two_layer_net.py: interrupted\n")


def test_a_rate_far_too_large_ends_it_as_diverged_without_an_error_or_a_warning():
    rng = np.random.RandomState(1)
    found, _ = trainer(*OTHER, network=MultiLayerNet(6, [5, 5, 5], 3, rng=rng), optimizer_param={"lr": 1e80}, epochs=50)
    found.train()
    assert found.diverged
    assert not found.interrupted
    assert len(found.train_loss_list) == found.current_iter < 200
    done = found.current_iter
    found.train()
    assert found.current_iter == done


def test_a_gradient_that_is_not_finite_is_diverged_and_changes_nothing(monkeypatch):
    found, _ = trainer()
    before = {key: W.copy() for key, W in found.network.params.items()}
    gradient = found.network.gradient

    def with_nan(x, t):
        return {key: g * np.nan if key == "b2" else g for key, g in gradient(x, t).items()}

    monkeypatch.setattr(found.network, "gradient", with_nan)
    found.train()
    assert (found.diverged, found.current_iter, found.train_loss_list) == (True, 0, [])
    for key, W in found.network.params.items():
        np.testing.assert_array_equal(W, before[key])


def test_an_error_of_the_optimizer_for_another_reason_is_its_own(monkeypatch):
    found, _ = trainer()
    gradient = found.network.gradient
    monkeypatch.setattr(found.network, "gradient", lambda x, t: {"W1": gradient(x, t)["W1"]})
    with pytest.raises(ValueError, match="grads must have the keys of params"):
        found.train()


# ---------------------------------------------------------------- progress


def drawn(stderr, monkeypatch):
    """What two seconds of progress draw on a stderr."""
    monkeypatch.setattr(sys, "stderr", stderr)
    with progress("train", 100, "batch") as bar:
        if hasattr(bar, "start_t"):
            bar.start_t -= 2  # two seconds ago, and so was the last drawing
            bar.last_print_t -= 2
        bar.update(40)
    return stderr.getvalue()


def test_what_is_left_to_train_is_the_whole_of_its_progress(monkeypatch):
    totals = []
    monkeypatch.setattr(
        "deltarule.layers.training.progress", lambda name, total, unit: totals.append(total) or progress(name, total)
    )
    trainer = Trainer(NETWORK, X, T, mini_batch_size=10, iterations=5, rng=np.random.RandomState(1))
    trainer.attempt()
    trainer.train()
    assert totals == [4]


def test_progress_is_drawn_on_a_terminal_and_wiped_off(monkeypatch):
    stderr = io.StringIO()
    stderr.isatty = lambda: True
    said = drawn(stderr, monkeypatch)
    assert "train:  40%" in said
    assert said.rpartition("40/100")[2].rpartition("\r")[2].strip() == ""


def test_progress_is_drawn_below_the_cell_of_a_notebook(monkeypatch):
    kind = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})
    assert "train:  40%" in drawn(kind(), monkeypatch)


def test_progress_is_not_drawn_in_a_file_or_where_stderr_is_closed(monkeypatch):
    assert drawn(io.StringIO(), monkeypatch) == ""
    monkeypatch.setattr(sys, "stderr", None)
    with progress("train", 3) as bar:
        bar.update(1)


# ---------------------------------------------------------------- what it refuses

NETWORK = TwoLayerNet(6, 5, 3, rng=np.random.RandomState(1))
WRONG = {
    "batch larger than the data": (
        {"mini_batch_size": 41}, ValueError, "mini_batch_size must be at most 40, the samples of x_train, not 41",
    ),
    "no batch": ({"mini_batch_size": 0}, ValueError, "mini_batch_size must be at least 1, not 0"),
    "half a batch": ({"mini_batch_size": 2.5}, TypeError, "mini_batch_size must be an integer"),
    "no epochs": ({"epochs": 0}, ValueError, "epochs must be at least 1"),
    "no iterations": ({"iterations": 0}, ValueError, "iterations must be at least 1"),
    "no samples evaluated": (
        {"evaluate_sample_num_per_epoch": 0}, ValueError, "evaluate_sample_num_per_epoch must be at least 1",
    ),
    "optimizer": (
        {"optimizer": "rmsprpo"}, ValueError, "optimizer must be one of SGD, .*, not 'rmsprpo'; did you mean 'RMSprop'",
    ),
    "no optimizer": ({"optimizer": 3}, TypeError, r"optimizer must be a name, or have update\(params, grads\), not 3"),
    "rate": ({"optimizer_param": {"lr": 0}}, ValueError, "lr must be above 0"),
    "unknown option": (
        {"optimizer_param": {"rate": 1}}, TypeError, "optimizer_param must be what SGD takes, lr; it has 'rate'",
    ),
    "options that are no dict": ({"optimizer_param": 0.1}, TypeError, "optimizer_param must be a dict, not 0.1"),
    "options of an object": (
        {"optimizer": SGD(0.1), "optimizer_param": {"lr": 1}}, ValueError, "optimizer_param must be None where",
    ),
    "no network": ({"network": 3}, TypeError, "network must be an object of TwoLayerNet, .*, not 3 of type int"),
    "a class": ({"network": TwoLayerNet}, TypeError, "network must be an object of TwoLayerNet, .* of type type"),
    "no stream": ({"rng": 5}, TypeError, "rng must be a stream"),
    "other lengths": ({"t_train": T[:-1]}, ValueError, r"t_train must be digits of shape \(40,\) or one-hot rows"),
    "digit out of range": ({"t_train": T + 1}, ValueError, "t_train must be digits from 0 to 2 for 3 classes"),
    "samples of another size": ({"x_train": X[:, :5]}, ValueError, "x_train must be samples of 6 elements"),
    "not finite": ({"x_train": np.where(X > 0.9, np.nan, X)}, ValueError, "x_train must be finite"),
    "test samples alone": ({"x_test": X}, ValueError, "x_test and t_test must be given together"),
    "test labels alone": ({"t_test": T}, ValueError, "x_test and t_test must be given together"),
    "test labels": ({"x_test": X, "t_test": T[1:]}, ValueError, "t_test must be digits of shape"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_of_the_trainer_is_named(name):
    options, kind, message = WRONG[name]
    given = {"network": NETWORK, "x_train": X, "t_train": T, "mini_batch_size": 10, "rng": np.random.RandomState(1)}
    with pytest.raises(kind, match=f"^{message}"):
        Trainer(**(given | options))


@pytest.mark.parametrize("batch", [[40], [-41], [0.5], "first", {"a": 1}])
def test_what_is_no_batch_is_named_and_nothing_changes(batch):
    trainer = Trainer(NETWORK, X, T, mini_batch_size=10, rng=np.random.RandomState(1))
    with pytest.raises(ValueError, match="^batch must be numbers of samples of x_train, 0 to 39: "):
        trainer.train_step(batch)
    assert (trainer.current_iter, trainer.train_loss_list) == (0, [])


def test_the_last_sample_is_one_of_a_batch():
    trainer = Trainer(TwoLayerNet(6, 5, 3, rng=np.random.RandomState(1)), X, T, mini_batch_size=10,
                      rng=np.random.RandomState(1))  # fmt: skip
    trainer.train_step([39, 0])
    assert trainer.current_iter == 1


def test_what_is_wrong_within_the_network_is_not_taken_for_an_argument():
    network = TwoLayerNet(6, 5, 3, rng=np.random.RandomState(1))
    del network.params["b1"]
    with pytest.raises(ValueError, match=r"^params\['b1'\] must be an array"):
        Trainer(network, X, T, rng=np.random.RandomState(1))


# ---------------------------------------------------------------- shuffling


def test_samples_and_labels_are_shuffled_alike_and_stay_as_they_are():
    x, t = np.arange(20.0).reshape(10, 2), np.arange(10)
    kept = x.copy(), t.copy()
    shuffled, labels = shuffle_dataset(x, t, rng=np.random.RandomState(2))
    np.testing.assert_array_equal(labels, np.random.RandomState(2).permutation(10))
    np.testing.assert_array_equal(shuffled, x[labels])
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(t, kept[1])


def test_matlabs_stream_shuffles_by_randperm():
    _, labels = shuffle_dataset(np.zeros(7), np.arange(7), rng=matlab.rng(2))
    np.testing.assert_array_equal(labels, matlab.rng(2).randperm(7) - 1)


def test_arrays_of_a_device_are_shuffled_there():
    x, t = shuffle_dataset(strict.asarray(np.arange(5.0)), strict.asarray(np.arange(5)), rng=np.random.RandomState(2))
    np.testing.assert_array_equal(strict.asnumpy(x), strict.asnumpy(t))


@pytest.mark.parametrize(("x", "t"), [(np.zeros(3), np.zeros(2)), (np.zeros((0, 2)), np.zeros(0)), (1.0, 2.0)])
def test_samples_and_labels_of_other_lengths_are_not_shuffled(x, t):
    with pytest.raises(ValueError, match="x and t must have as many samples"):
        shuffle_dataset(x, t, rng=np.random.RandomState(1))


def test_samples_and_labels_are_given_in_order_or_by_name_and_the_stream_by_name():
    x, _ = shuffle_dataset(t=T, x=X, rng=np.random.RandomState(2))
    np.testing.assert_array_equal(x, X[np.random.RandomState(2).permutation(40)])
    with pytest.raises(TypeError, match="takes 2 positional arguments"):
        shuffle_dataset(X, T, np.random.RandomState(2))


def test_what_cannot_draw_an_order_is_refused():
    with pytest.raises(TypeError, match="rng must be a stream .* randperm"):
        shuffle_dataset(X, T, rng=None)
