"""Every number that the from-scratch book's own code computed, computed by `deltarule.layers`.

``reference/golden/from_scratch/ORIGIN.md`` says how each file was made, and why the tolerances are what they are.
"""

from dataclasses import replace

import numpy as np
import pytest
from runs import ROOT

from deltarule.evidence.from_scratch import RUNS, SEEDS, deviations, file_name, read_golden
from deltarule.layers import (
    ACTIVATIONS,
    Affine,
    BatchNormalization,
    Convolution,
    Dropout,
    MultiLayerNet,
    Pooling,
    SimpleConvNet,
    SoftmaxWithLoss,
    Trainer,
    TwoLayerNet,
    col2im,
    im2col,
    one_hot,
    optimizer,
    starting_weights,
)
from deltarule.layers.experiments import EXPERIMENTS, FIVE, Candidate, entries, mnist, train

GOLDEN = ROOT / "reference" / "golden" / "from_scratch"
SIZES = {1: "std1", 0.01: "std0.01", "xavier": "xavier", "he": "he"}


class KoreanNesterov:
    """Nesterov's rule as the Korean repository has it, which is an erratum: the new v where the old one belongs."""

    def __init__(self, lr):
        self.lr, self.v = lr, None

    def update(self, params, grads):
        self.v = self.v or {key: np.zeros_like(p) for key, p in params.items()}
        for key, g in grads.items():
            self.v[key] = 0.9 * self.v[key] - self.lr * g
            params[key] += 0.81 * self.v[key] - 1.9 * self.lr * g


def rule(name, **options):
    """An optimiser by its name in the files, where "Nesterov" is the erratum."""
    if name == "Nesterov":
        return KoreanNesterov(**options)
    return optimizer({"NesterovUpstream": "Nesterov"}.get(name, name), **options)


def paths():
    """(h) Each optimiser on x^2/20 + y^2: its 31 points."""
    rates = {"SGD": 0.95, "Momentum": 0.1, "AdaGrad": 1.5, "Adam": 0.3}
    rates |= {"Nesterov": 0.1, "NesterovUpstream": 0.1, "RMSprop": 0.1}
    found = {}
    for name, lr in rates.items():
        steps, params = rule(name, lr=lr), {"x": np.array([-7.0]), "y": np.array([2.0])}
        points = [np.concatenate([*params.values()])]
        for _ in range(30):
            steps.update(params, {"x": params["x"] / 10, "y": 2 * params["y"]})
            points.append(np.concatenate([*params.values()]))
        found[name] = np.array(points)
    return {"": found}


def histograms(seed):
    """(j) Five layers of 100 nodes: how their activations are spread, by starting weights."""
    runs = {}
    for name in ("sigmoid", "ReLU", "tanh"):
        runs[f"{name}_"] = found = {}
        for init, size in SIZES.items():
            rng, layers = np.random.RandomState(seed), []
            x = rng.randn(1000, 100)
            for _ in range(5):
                affine = Affine(starting_weights(rng, (100, 100), init), np.zeros(100))
                x = ACTIVATIONS[name.lower()](affine.forward(x))
                layers.append(x)
            found[f"{size}_counts30_0to1"] = np.array([np.histogram(x, 30, range=(0, 1))[0] for x in layers])
            found[f"{size}_mean_std_min_max"] = np.array([(x.mean(), x.std(), x.min(), x.max()) for x in layers])
            found[f"{size}_layer5_first8"] = layers[4].ravel()[:8]
        found["next_rand"] = rng.rand()
    return runs


def cosines(like):
    """The output gradient of the files: cos(0), cos(1), ... in C order."""
    return np.cos(np.arange(like.size)).reshape(like.shape)


def smoothed(q):
    """The book's smoothing of a curve: ten values reflected at both ends, and a Kaiser window of eleven."""
    window = np.kaiser(11, 2)
    return np.convolve(window / window.sum(), np.concatenate([q[10:0:-1], q, q[-1:-11:-1]]), mode="valid")[5:-5]


def single_layers(seed):
    """(l) Each layer by itself, on random inputs."""
    rng = np.random.RandomState(seed)
    x, W, b = rng.randn(2, 3, 7, 7), rng.randn(4, 3, 3, 3), rng.randn(4)
    x2, gamma, beta, dout = rng.randn(6, 5), rng.rand(5) + 0.5, rng.randn(5), rng.randn(6, 5)
    x4, z, labels, q = rng.randn(3, 2, 2, 2), 3 * rng.randn(6, 5), rng.randint(0, 5, 6), rng.randn(40)
    found = {"smooth": smoothed(q), "im2col_5": im2col(x, 5, 5)}
    found["col2im_of_ones_3s2p1"] = col2im(np.ones((2 * 4 * 4, 3 * 3 * 3)), x.shape, 3, 3, stride=2, pad=1)
    for stride, pad in ((1, 0), (2, 1), (3, 0)):
        layer, name = Convolution(W, b, stride, pad, round_down=True), f"conv_s{stride}p{pad}"
        y = layer.forward(x)
        found |= {f"{name}_y": y, f"{name}_dx": layer.backward(cosines(y)), f"{name}_dW": layer.dW}
        found[f"{name}_db"] = layer.db
    for size, stride in ((2, 2), (3, 2), (2, 1)):
        layer, name = Pooling(size, size, stride, round_down=True), f"pool_{size}s{stride}"
        y = layer.forward(x)
        found |= {f"{name}_y": y, f"{name}_dx": layer.backward(cosines(y))}
    layer = BatchNormalization(gamma, beta)
    found |= {"bn_y1": layer.forward(x2), "bn_dx": layer.backward(dout), "bn_dgamma": layer.dgamma}
    found |= {"bn_dbeta": layer.dbeta, "bn_mean": layer.running_mean, "bn_var": layer.running_var}
    found |= {"bn_use": layer.forward(x2, train_flg=False)}
    found["bn4_y"] = BatchNormalization(np.ones(8), np.zeros(8)).forward(x4)
    for kind, t in (("labels", labels), ("onehot", one_hot(labels, 5))):
        layer = SoftmaxWithLoss()
        found |= {f"sm_loss_{kind}": layer.forward(z, t), f"sm_dx_{kind}": layer.backward(), "sm_y": layer.y}
    layer = Dropout(0.2, rng=np.random.RandomState(seed))
    found |= {"drop_y": layer.forward(x2), "drop_dx": layer.backward(dout)}
    found |= {"drop_use": layer.forward(x2, train_flg=False)}
    return {"": found}


def gradients(network, x, t):
    """Both gradients of a network, and the mean difference between them, by the names of the files."""
    found = {}
    backprop, numerical = network.gradient(x, t), network.numerical_gradient(x, t)
    for key in network.params:
        found |= {f"backprop_{key}": backprop[key], f"numerical_{key}": numerical[key]}
        found[f"mean_abs_diff_{key}"] = abs(backprop[key] - numerical[key]).mean()
    return found


def two_layer_gradients(seed):
    """(i) The networks of (a) as drawn, on the first three images."""
    x, t, *_ = mnist(3)
    runs = {}
    for run, activation in (("ch04_", "sigmoid"), ("ch05_", "relu")):
        rng = np.random.RandomState(seed)
        network = TwoLayerNet(784, 50, 10, rng=rng, activation=activation)
        runs[run] = {**gradients(network, x, t), "next_rand": rng.rand()}
    return runs


def convolutional_gradients(seed):
    """(g) Of a small convolutional network, on one random image."""
    rng = np.random.RandomState(seed)
    few = {"filter_num": 10, "filter_size": 3, "pad": 0, "stride": 1}
    network = SimpleConvNet((1, 10, 10), few, hidden_size=10, rng=rng)
    found = gradients(network, rng.rand(100).reshape(1, 1, 10, 10), np.array([1]))
    kept = {name: a for name, a in found.items() if not name.startswith("mean")}
    return {"check_": {**kept, "next_rand": rng.rand()}}


def searched(seed):
    """(k) Three trials of decay and learning rate, drawn one after the other from one stream."""
    x, t, *_ = mnist(500)
    rng = np.random.RandomState(seed)
    order = rng.permutation(500)
    (x_val, x), (t_val, t) = (np.split(a[order], [100]) for a in (x, t))
    found = {"first_train_labels": t[:20], "lr_decay": [], "val_acc": [], "train_acc": []}
    for _ in range(3):
        decay, lr = 10 ** rng.uniform(-8, -4), 10 ** rng.uniform(-6, -2)
        network = MultiLayerNet(784, [100] * 6, 10, weight_decay_lambda=decay, rng=rng)
        trainer = Trainer(network, x, t, x_val, t_val, iterations=200, optimizer_param={"lr": lr}, rng=rng)
        trainer.train()
        found["lr_decay"].append((lr, decay))
        found["val_acc"].append(trainer.test_acc_list)
        found["train_acc"].append(trainer.train_acc_list)
    return {"": {name: np.array(a) for name, a in found.items()} | {"next_rand": rng.rand()}}


def trained(experiment):
    """What a run of the table of experiments gives from a seed."""
    return lambda seed: entries(experiment, train(experiment, seed))


# the one run of the files that the table has not, being an erratum
ERRATUM = replace(
    EXPERIMENTS["optimizers_on_mnist"]["Nesterov"],
    golden=("b_optimizers", "Nesterov_"),
    candidates=(Candidate("", FIVE, KoreanNesterov, {"lr": 0.01}),),
)
LAYERS = {
    "h_paths": lambda seed: paths(),
    "j_activations": histograms,
    "l_layers": single_layers,
}
GRADIENTS = {"g_convnet check": convolutional_gradients, "i_gradient_check": two_layer_gradients}
TRAINED = {
    **{
        f"{experiment.golden[0]} {script} {run}": trained(experiment)
        for script, runs in EXPERIMENTS.items()
        for run, experiment in runs.items()
    },
    "b_optimizers Nesterov, the erratum": trained(ERRATUM),
    "k_hyper": searched,
}


def held_against(case, seed):
    """How far each entry of the runs of a case is from the book's."""
    part = case.partition(" ")[0]
    golden = read_golden(GOLDEN / file_name(part, seed))
    runs = {**LAYERS, **GRADIENTS, **TRAINED}[case](seed)
    return [d for run, found in runs.items() for d in deviations(part, run, found, golden)]


def assert_the_books(case, seed):
    """Fails unless every entry is found, and within its tolerance."""
    found = held_against(case, seed)
    assert found
    assert [d for d in found if not d.right] == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", LAYERS)
def test_single_layers_and_optimisers_are_the_books(case, seed):
    assert_the_books(case, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", GRADIENTS)
def test_gradients_are_the_books(case, seed):
    assert_the_books(case, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", TRAINED)
def test_trained_networks_are_the_books(case, seed):
    assert_the_books(case, seed)


def test_no_run_of_any_file_is_left_out_and_none_is_compared_twice():
    """`deviations` takes an entry that a run lacks for wrong, so that with the runs all entries are there."""
    computed = {"g_convnet": ["check_"], "i_gradient_check": ["ch04_", "ch05_"], "k_hyper": [""], "l_layers": [""]}
    computed |= {"h_paths": [""], "j_activations": ["sigmoid_", "ReLU_", "tanh_"]}
    for experiment in (ERRATUM, *(experiment for runs in EXPERIMENTS.values() for experiment in runs.values())):
        part, run = experiment.golden
        computed.setdefault(part, []).extend([run, *experiment.kept])
    assert {part: sorted(runs) for part, runs in computed.items()} == {part: sorted(r) for part, r in RUNS.items()}
    assert {case.partition(" ")[0] for case in (*LAYERS, *GRADIENTS, *TRAINED)} == RUNS.keys()


def test_the_korean_nesterov_is_not_torchs():
    """The two rules differ from the second update on: the erratum is an erratum, and no rounding."""
    korean, upstream = (paths()[""][name] for name in ("Nesterov", "NesterovUpstream"))
    np.testing.assert_array_equal(korean[0], upstream[0])
    assert abs(korean[1:] - upstream[1:]).max(axis=1).min() > 0.01
