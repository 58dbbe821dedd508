"""Every number that the from-scratch book's own code computed, computed by `deltarule.layers`.

``reference/golden/from_scratch/ORIGIN.md`` says how each file was made, and why the tolerances are what they are.
"""

import numpy as np
import pytest
from runs import ROOT

from deltarule.evidence.from_scratch import RUNS, SEEDS, deviations, file_name, read_golden
from deltarule.layers import ACTIVATIONS, Affine, SoftmaxWithLoss, one_hot, optimizer, starting_weights
from deltarule.layers.convolution import Convolution, Pooling
from deltarule.layers.dropout import Dropout
from deltarule.layers.images import col2im, im2col
from deltarule.layers.normalization import BatchNormalization

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


MADE = {"h_paths": lambda seed: paths(), "j_activations": histograms, "l_layers": single_layers}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("part", ["h_paths", "j_activations", "l_layers"])
def test_single_layers_and_optimisers_are_the_books(part, seed):
    check(part, seed)


def check(part, seed):
    """Every entry of a file is computed, and right."""
    golden = read_golden(GOLDEN / file_name(part, seed))
    runs = MADE[part](seed)
    assert runs.keys() == set(RUNS[part])
    found = [d for run in RUNS[part] for d in deviations(part, run, runs[run], golden)]
    assert {d.entry for d in found} == golden.keys()
    assert [d for d in found if not d.right] == []
    return found
