"""What the from-scratch notes claim, measured on the embedded digits:

python reference/measure_claims.py [SECTION ...] [--seeds N]

Without a section it goes through all of them; docs/claims.md has what it prints. Each number is the mean over the seeds
1 to N, 5 by default, with the 95 % interval of that mean by Student's t. The first 8,000 of the embedded images are
trained with, the last 2,000 are the test images. `RandomState(seed)` draws the weights and then the batches, as the
book's programs do.
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import argparse
import itertools
import sys
import time
from functools import partial
from statistics import fmean

import numpy as np
from numpy.random import RandomState
from scipy import stats

from deltarule.layers import (
    Affine,
    Convolution,
    MultiLayerNet,
    Pooling,
    Relu,
    Sigmoid,
    SimpleConvNet,
    TwoLayerNet,
    elu,
    im2col,
    optimizer,
    relu,
    softmax,
    tanh,
)
from deltarule.layers.experiments import (
    FIVE,
    RATES,
    SCALES,
    SEARCH,
    SEVEN,
    Candidate,
    Experiment,
    batch_norm,
    mnist,
    search,
    train,
)
from deltarule.programs.terminal import status, take_ctrl_c

ONE_HIDDEN = partial(MultiLayerNet, 784, [100], 10)
OURS = ("SGD", "Momentum", "AdaGrad", "Adam")  # the four that the notes compare


def spread(values):
    """The mean of some numbers and the 95 % interval of it; their range where one is not finite."""
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        return f"{values.min():.4g} to {values.max():.4g}"
    mean, half = values.mean(), stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return f"{mean:.4g} [{mean - half:.4g}, {mean + half:.4g}]"


def row(label, value):
    """One line of a table."""
    print(f"  {label:62}{value}", flush=True)


def table(title, seeds, work):
    """A table of what some work gives for each seed, with progress on stderr."""
    found = {}
    for seed in seeds:
        status(f"{title}: seed {seed} of {seeds[-1]}")
        for label, value in work(seed).items():
            found.setdefault(label, []).append(value)
    status()
    print(f"{title} ({len(seeds)} seeds)")
    for label, values in found.items():
        row(label, spread(values))


def run(network, seed, iterations, name="SGD", *, batch=100, n=8000, evaluated=None, **param):
    """A trainer at the end of its training, by the book's loop; it may have diverged."""
    candidate = Candidate("", network, name, {"lr": RATES[name], **param})
    return train(Experiment(("", ""), (candidate,), iterations, batch, n, evaluated), seed).trainers[""]


def last_costs(trainer, end=None):
    """The mean cost of the last ten batches; infinite where the training diverged."""
    return np.inf if trainer.diverged else fmean(trainer.train_loss_list[:end][-10:])


def accuracies(trainer):
    """Of the images trained with, and of the test images; 0 where the training diverged."""
    network = trainer.network
    if trainer.diverged:
        return 0.0, 0.0
    return network.accuracy(trainer.x_train, trainer.t_train), network.accuracy(trainer.x_test, trainer.t_test)


def first(curve, level):
    """The epoch at which a curve reaches a level; infinite if it never does."""
    return next((epoch for epoch, share in enumerate(curve) if share >= level), np.inf)


# --- chapters 4 and 5: costs and gradients


def flat(seed):
    """Lines 1655 to 1663: how many of 560 parameters change the cost, and the accuracy, of a batch when they move."""
    rng = RandomState(seed)
    x, t, _, _ = mnist()
    network = TwoLayerNet(784, 50, 10, rng=rng)
    chosen = rng.choice(8000, 100)
    moved = {"cost": 0, "accuracy": 0}
    for key in ("b1", "W2", "b2"):
        right = network.params[key]
        for k in range(right.size):
            found = []
            for h in (1e-4, -1e-4):
                network.params[key] = right.copy()
                network.params[key].flat[k] += h
                found.append((network.loss(x[chosen], t[chosen]), network.accuracy(x[chosen], t[chosen])))
            for name, before, behind in zip(moved, *found, strict=True):
                moved[name] += before != behind
        network.params[key] = right
    return {f"parameters of 560 whose change moves the {name}": count for name, count in moved.items()}


def batches(seed):
    """Lines 1007 and 1588: 8,000 samples taken by one, by a hundred, and all at once; the best of five rates."""
    network = partial(TwoLayerNet, 784, 50, 10, activation="relu")
    return {
        f"test accuracy after 8,000 samples, batches of {batch:,}": max(
            accuracies(run(network, seed, 8000 // batch, batch=batch, evaluated=100, lr=lr))[1]
            for lr in (0.001, 0.01, 0.1, 1.0, 10.0)
        )
        for batch in (1, 100, 8000)
    }


def seconds(work, times):
    """The median of the seconds that some work takes."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return float(np.median(found))


def slow_gradients(seed):
    """Lines 1139 and 1203: milliseconds of one gradient of the two-layer network, for a batch of 100."""
    x, t, _, _ = mnist(100)
    network = TwoLayerNet(784, 50, 10, rng=RandomState(seed))
    costs = 2 * sum(W.size for W in network.params.values())
    network.gradient(x, t)
    back, one = seconds(lambda: network.gradient(x, t), 50), seconds(lambda: network.loss(x, t), 50)
    together = seconds(lambda: network.numerical_gradient(x, t), 1)
    return {
        "by back-propagation": 1000 * back,
        "one cost": 1000 * one,
        f"{costs:,} costs one by one": 1000 * costs * one,
        "numerical_gradient, many costs at once": 1000 * together,
        "one by one over back-propagation": costs * one / back,
    }


# --- chapter 6: optimisers


def paths():
    """Lines 850, 1071, 1111 and 1123: f = x^2/20 + y^2 from (-7, 2), 30 steps at the book's rates."""
    print("f = x^2/20 + y^2 from (-7, 2), 30 steps (no random numbers)")
    for name, lr in {"SGD": 0.95, "Momentum": 0.1, "AdaGrad": 1.5, "Adam": 0.3}.items():
        rule, w, ys = optimizer(name, lr=lr), {"x": np.array([-7.0]), "y": np.array([2.0])}, [2.0]
        for _ in range(30):
            rule.update(w, {"x": w["x"] / 10, "y": 2 * w["y"]})
            ys.append(w["y"].item())
        f, turns = (w["x"] ** 2 / 20 + w["y"] ** 2).item(), int((np.diff(np.sign(ys)) != 0).sum())
        row(name, f"f = {f:.2e}, y changes sign {turns} times, and moves {abs(np.diff(ys)).sum():.2f} in all")


def dying_steps():
    """Line 1085: the steps of AdaGrad and RMSprop for a gradient that is always 1."""
    print("steps at rate 0.01 for a gradient of 1 (no random numbers)")
    for name in ("AdaGrad", "RMSprop"):
        rule, w, said = optimizer(name, lr=0.01), {"w": np.zeros(1)}, []
        for i in range(1, 100_001):
            before = w["w"].item()
            rule.update(w, {"w": np.ones(1)})
            if i in (1, 100, 10_000, 100_000):
                said.append(f"{before - w['w'].item():.3g}")
        row(f"{name}: steps 1, 100, 10,000 and 100,000", ", ".join(said))


def optimizers(seed):
    """Lines 850 to 858 and 1137: four hidden layers, batches of 128."""
    found = {}
    for name in OURS:
        trainer = run(FIVE, seed, 1000, name, batch=128)
        for end in (100, 500, 1000):
            found[f"{name}: cost, batches {end - 9:,} to {end:,}"] = last_costs(trainer, end)
        found[f"{name}: test accuracy"] = accuracies(trainer)[1]
    return found


def rates(seed):
    """Lines 746 and 852: the same after 100 batches, with other rates."""
    return {
        f"{name}, lr {lr}: cost, batches 91 to 100": last_costs(run(FIVE, seed, 100, name, batch=128, lr=lr))
        for name in OURS
        for lr in (0.001, 0.01, 0.1, 1.0)
    }


def adam(seed):
    """Line 1131: Adam with other beta1 and beta2 after 100 batches."""
    return {
        f"beta1 {beta1}, beta2 {beta2}: cost, batches 91 to 100": last_costs(
            run(FIVE, seed, 100, "Adam", batch=128, beta1=beta1, beta2=beta2)
        )
        for beta1, beta2 in itertools.product((0.5, 0.9, 0.99), (0.9, 0.999))
    }


# --- chapter 6: starting weights


class Tanh:
    """The hyperbolic tangent as a layer."""

    def forward(self, x):
        self.x = x
        return tanh(x)

    def backward(self, dout):
        return dout * tanh(self.x, diff=True)


SCALES_OF = {
    ("sigmoid", Sigmoid): {"std 1": 1, "std 0.01": 0.01, "Xavier": 0.1},
    ("ReLU", Relu): {"std 0.01": 0.01, "Xavier": 0.1, "He": 0.02**0.5},
    ("tanh", Tanh): {"std 0.01": 0.01, "Xavier": 0.1},
}


def through(kind, scale, seed):
    """The outputs of five layers of 100, of 1,000 samples of noise, and noise sent back: by layer, its rms."""
    rng = RandomState(seed)
    x, layers = rng.randn(1000, 100), []
    for _ in range(5):
        layers.append((Affine(scale * rng.randn(100, 100), np.zeros(100)), kind()))
        x = layers[-1][1].forward(layers[-1][0].forward(x))
    dout, sizes = rng.randn(1000, 100), []
    for affine, activation in reversed(layers):
        dout = activation.backward(dout)
        sizes.append(np.sqrt(np.mean(dout**2)))
        dout = affine.backward(dout)
    return x, sizes[::-1]


def activations(seed):
    """Lines 924, 959, 981, 989, 991 and 2140: what comes out of five layers of 100, and what goes back."""
    found = {}
    for (name, kind), scales in SCALES_OF.items():
        for start, scale in scales.items():
            x, sizes = through(kind, scale, seed)
            found[f"{name}, {start}: standard deviation in layer 5"] = x.std()
            if kind is Sigmoid:
                found[f"{name}, {start}: share within 0.1 of 0 or 1"] = np.mean((x < 0.1) | (x > 0.9))
                found[f"{name}, {start}: standard deviation over the units"] = x.std(axis=1).mean()
            found[f"{name}, {start}: gradient in layer 1 over layer 5"] = sizes[0] / sizes[-1]
    return found


def starts(seed):
    """Lines 868, 981 and 991: 1,000 batches from different starting weights."""
    found = {}
    scales = {"std 1": 1.0, "std 0.01": 0.01, "Xavier": "xavier", "He": "he"}
    kinds = (("sigmoid", "SGD"), ("sigmoid", "Adam"), ("relu", "SGD"))
    for (activation, rule), (name, scale) in itertools.product(kinds, scales.items()):
        network = partial(FIVE, activation=activation, weight_init_std=scale)
        trainer = run(network, seed, 1000, rule, batch=128, evaluated=100)
        found[f"{activation}, {name}, {rule}: cost, batches 991 to 1,000"] = last_costs(trainer)
        found[f"{activation}, {name}, {rule}: test accuracy"] = accuracies(trainer)[1]
    return found


# --- chapter 6: batch normalisation


def batch_norms(seed):
    """Lines 570, 572 and 602: 16 scales from 1 to 0.0001, 1,000 images, 20 epochs of SGD, with and without."""
    curves = {"bn_": [], "": []}
    for scale in SCALES:
        for name, trainer in train(batch_norm(scale), seed).trainers.items():
            curve = trainer.train_acc_list
            curves[name].append(curve + [0.0] * (20 - len(curve)))  # it ends where the training diverged
    with_, without = (np.array(curves[name])[:, -1] for name in ("bn_", ""))
    sooner, later = ([first(curve, 0.5) for curve in curves[name]] for name in ("bn_", ""))
    return {
        "scales of 16 where batch normalisation is ahead at the end": (with_ > without).sum(),
        "scales of 16 where it is the first at 50 %": (np.array(sooner) < np.array(later)).sum(),
        "scales of 16 where plain ends at 15 % or less": (without <= 0.15).sum(),
        "scales of 16 where batch normalisation does": (with_ <= 0.15).sum(),
        "batch normalisation: lowest at the end": with_.min(),
        "batch normalisation: highest at the end": with_.max(),
        "plain: lowest at the end": without.min(),
        "plain: highest at the end": without.max(),
        "plain over batch normalisation at std 0.29": (without - with_)[2],
        "plain over batch normalisation at std 0.16": (without - with_)[3],
    }


# --- chapter 6: overfitting


def norm(network):
    """The root of the sum of the squares of all W."""
    return np.sqrt(sum(np.vdot(W, W) for key, W in network.params.items() if key[0] == "W"))


def overfitting(seed):
    """Lines 663, 665 and 673: 300 images, six hidden layers of 100."""
    before, trainer = norm(SEVEN(rng=RandomState(seed))), run(SEVEN, seed, 601, n=300)
    on_train, on_test = trainer.train_acc_list, trainer.test_acc_list
    return {
        "epoch of 99 % of the 300": first(on_train, 0.99),
        "epoch of 100 % of the 300": first(on_train, 1),
        "epoch 100: accuracy on the 300": on_train[100],
        "epoch 100: test accuracy": on_test[100],
        "epoch 200: accuracy on the 300": on_train[200],
        "epoch 200: test accuracy": on_test[200],
        "epoch 200: difference": on_train[200] - on_test[200],
        "norm of all W at the end over that at the start": norm(trainer.network) / before,
    }


CURES = {
    "weight decay 0.1": (601, {"weight_decay_lambda": 0.1}),
    "dropout 0.15": (903, {"use_dropout": True, "dropout_ratio": 0.15}),
    "dropout 0.2": (903, {"use_dropout": True, "dropout_ratio": 0.2}),
    "batch normalisation": (601, {"use_batchnorm": True}),
}


def cures(seed):
    """Lines 574, 671, 683, 722 and 724: the same 300 images; the tests are compared at the same training accuracy."""
    plain, found = run(SEVEN, seed, 601, n=300), {}
    for name, (iterations, options) in CURES.items():
        trainer = run(partial(SEVEN, **options), seed, iterations, n=300)
        on_train, on_test = trainer.train_acc_list, trainer.test_acc_list
        same = int(min(first(plain.train_acc_list, on_train[-1]), 200))
        found[f"{name}: accuracy on the 300 at the end"] = on_train[-1]
        found[f"{name}: highest accuracy on the 300"] = max(on_train)
        found[f"{name}: test accuracy at the end"] = on_test[-1]
        found[f"{name}: difference at the end"] = on_train[-1] - on_test[-1]
        found[f"{name}: test, less plain's at the end"] = on_test[-1] - plain.test_acc_list[-1]
        found[f"{name}: less plain's at that accuracy on the 300"] = on_test[-1] - plain.test_acc_list[same]
    return found


def causes(seed):
    """Lines 618 and 620: fewer units, and more images; 601 batches each."""
    kinds = {f"300 images, 6 x {n} units": (300, partial(MultiLayerNet, 784, [n] * 6, 10)) for n in (10, 30, 100)}
    kinds |= {f"{n:,} images, 6 x 100 units": (n, SEVEN) for n in (100, 1000, 3000)}
    found = {}
    for name, (n, network) in kinds.items():
        on_train, on_test = accuracies(run(network, seed, 601, n=n, evaluated=100))
        found[f"{name}: accuracy on them"] = on_train
        found[f"{name}: test accuracy"] = on_test
        found[f"{name}: difference"] = on_train - on_test
    return found


def ensemble(seed):
    """Line 734: five networks of one kind, and the mean of their probabilities; 300 images, and 8,000."""
    found = {}
    _, _, x, t = mnist()
    for n, network, lr in ((300, SEVEN, 0.01), (8000, ONE_HIDDEN, 0.1)):
        members = [run(network, 1000 * seed + k, 600, n=n, evaluated=100, lr=lr).network for k in range(5)]
        alone = fmean(member.accuracy(x, t) for member in members)
        outputs = np.mean([softmax(member.predict(x)) for member in members], axis=0)
        together = np.mean(outputs.argmax(axis=1) == t)
        found[f"{n:,} images: mean of the five"] = alone
        found[f"{n:,} images: the five together"] = together
        found[f"{n:,} images: gained"] = together - alone
    return found


def masks(seed):
    """Line 738: outputs in use, against the mean over 200 masks; the network of dropout 0.2."""
    iterations, options = CURES["dropout 0.2"]
    network = run(partial(SEVEN, **options), seed, iterations, n=300, evaluated=100).network
    _, _, x, t = mnist(test=500)
    masked = np.mean([softmax(network.predict(x, True)) for _ in range(200)], axis=0)
    used = softmax(network.predict(x))
    return {
        "accuracy in use (500 test images)": np.mean(used.argmax(axis=1) == t),
        "accuracy of the mean over 200 masks": np.mean(masked.argmax(axis=1) == t),
        "share of the images where both choose one digit": np.mean(used.argmax(axis=1) == masked.argmax(axis=1)),
        "mean difference of a probability": abs(used - masked).mean(),
    }


# --- chapter 6: search


def grid(seed, parts):
    """The best accuracy of five rates by five decays, the middles of five equal parts of either logarithmic range."""
    middles, found = np.arange(0.4, 4, 0.8), []
    for a, b in itertools.product(middles, middles):
        values = {"lr": 10 ** (a - 6), "weight_decay_lambda": 10 ** (b - 8)}
        trainer = SEARCH.settings.trainer(values, parts, RandomState(seed))
        trainer.train()
        found.append(trainer.test_acc_list[-1])
    return max(found)


def searched(seed):
    """Lines 812 and 838: the book's search by 100 trials of rate and decay, and a grid of 25 on the same images."""
    trials, parts, _ = search(SEARCH, seed, 100)
    scores = np.array([each.val_acc for each in trials])
    lrs, decays = (np.array([each.values[key] for each in trials]) for key in ("lr", "weight_decay_lambda"))
    best, top, picks = np.argsort(-scores, kind="stable")[:10], lrs > 10**-2.5, RandomState(seed)
    return {
        "lowest rate of the best 10": lrs[best].min(),
        "highest rate of the best 10": lrs[best].max(),
        "rates of the best 10 within 0.001 to 0.01": (lrs[best] >= 1e-3).sum(),
        "decays of the best 10 within 1e-8 to 1e-6": (decays[best] <= 1e-6).sum(),
        "decays of all 100 within 1e-8 to 1e-6": (decays <= 1e-6).sum(),
        "rank correlation of rate and accuracy": stats.spearmanr(lrs, scores)[0],
        "of decay and accuracy, rates above 10^-2.5": stats.spearmanr(decays[top], scores[top])[0],
        "best of a grid of 25": grid(seed, parts),
        "best of 25 drawn": fmean(scores[picks.choice(100, 25, replace=False)].max() for _ in range(1000)),
        "best of 100 drawn": scores.max(),
    }


# --- chapters 3 and 7


def means(seed):
    """Line 2209: the mean of what a function makes of standard normal numbers."""
    x = RandomState(seed).randn(100_000)
    return {"ReLU: mean output": relu(x).mean(), "ELU: mean output": elu(x).mean()}


def dead(seed):
    """Line 2161: hidden units that give 0 for all of 1,000 images, after 100 batches of SGD."""
    x, found = mnist(1000)[0], {}
    for lr in (0.01, 0.1, 0.5, 1.0):
        params = run(ONE_HIDDEN, seed, 100, lr=lr, evaluated=100).network.params
        found[f"dead of 100 units, lr {lr}"] = (x @ params["W1"] + params["b1"] <= 0).all(axis=0).sum()
    return found


def shifts(seed):
    """Lines 548 to 552: how much 200 test images, and the maxima of 2 x 2, change when moved by one pixel."""
    images = mnist()[2][200 * seed - 200 : 200 * seed].reshape(-1, 1, 28, 28)
    moved, pool, found = np.roll(images, 1, axis=3), Pooling(2, 2, stride=2), {}
    for name, change in (
        ("pixels", lambda x: x),
        ("means of 2 x 2", lambda x: x.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))),
        ("maxima of 2 x 2", pool.forward),
    ):
        before, behind = change(images), change(moved)
        ink = (before > 0) | (behind > 0)
        found[f"{name}: mean change over the mean"] = abs(behind - before).mean() / before.mean()
        found[f"{name}: share that stays, of those above 0"] = (before == behind)[ink].mean()
    return found


def columns():
    """Line 47: the elements of im2col's matrix over those of the images."""
    x = np.zeros((10, 1, 28, 28))
    print("elements of im2col over those of the images (no random numbers)")
    for name, size, stride in (("5 x 5, stride 1", 5, 1), ("3 x 3, stride 1", 3, 1), ("2 x 2, stride 2", 2, 2)):
        row(name, f"{im2col(x, size, size, stride).size / x.size:.1f}")


def loops(seed):
    """Line 31: milliseconds of a convolution of ten images by loops over the elements, and by Convolution."""
    x, W = RandomState(seed).rand(10, 1, 28, 28), RandomState(seed).rand(30, 1, 5, 5)

    def by_loops():
        out = np.zeros((10, 30, 24, 24))
        for n, k, i, j in np.ndindex(out.shape):
            out[n, k, i, j] = (x[n, :, i : i + 5, j : j + 5] * W[k]).sum()

    layer = Convolution(W, np.zeros(30))
    slow, fast = seconds(by_loops, 1), seconds(lambda: layer.forward(x), 20)
    return {"loops": 1000 * slow, "Convolution": 1000 * fast, "loops over Convolution": slow / fast}


def shape(seed):
    """Lines 357 to 363: 500 images, as they are and with one permutation of all pixels; 300 batches of Adam."""
    found, samples, mixed = {}, mnist(500), RandomState(seed + 1000).permutation(784)
    kinds = {"convolutional": (SimpleConvNet, (-1, 1, 28, 28)), "fully connected": (ONE_HIDDEN, (-1, 784))}
    for name, order in (("as they are", np.arange(784)), ("pixels mixed", mixed)):
        for kind, (network, form) in kinds.items():
            x, xt = (samples[k][:, order].reshape(form) for k in (0, 2))
            experiment = Experiment(("", ""), (Candidate("", network, "Adam", {"lr": 0.001}),), 300, evaluated=100)
            trainer = train(experiment, seed, (x, samples[1], xt, samples[3])).trainers[""]
            found[f"{kind}, {name}: test accuracy"] = accuracies(trainer)[1]
    return found


TABLES = {
    flat: "accuracy and cost under a change of 0.0001",
    batches: "8,000 samples in batches of different sizes",
    slow_gradients: "milliseconds of a gradient, batch of 100, of this machine",
    optimizers: "optimisers on MNIST, four hidden layers",
    rates: "optimisers with other rates",
    adam: "Adam with other constants",
    activations: "five layers of 100, noise",
    starts: "training from different starting weights, four hidden layers",
    batch_norms: "batch normalisation at 16 starting scales",
    overfitting: "300 images, six hidden layers of 100",
    cures: "against overfitting",
    causes: "causes of overfitting",
    ensemble: "five networks together",
    masks: "dropout as an ensemble",
    searched: "search for rate and decay",
    means: "mean outputs for standard normal numbers",
    dead: "dead ReLUs",
    shifts: "images moved by one pixel",
    loops: "milliseconds of a convolution, ten images, 30 filters of 5 x 5, of this machine",
    shape: "what the shape of an image is worth",
}
ALONE = (paths, dying_steps, columns)


def main(arguments):
    """Print the tables that are asked for."""
    sections = {work.__name__: work for work in (*ALONE, *TABLES)}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(sections))
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 1 on")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.sections) - sections.keys())
    if unknown or options.seeds < 2:
        parser.error(f"no section {', '.join(unknown)}" if unknown else "--seeds must be 2 or more")
    for name in options.sections or sections:
        if sections[name] in ALONE:
            sections[name]()
        else:
            table(TABLES[sections[name]], range(1, options.seeds + 1), sections[name])


if __name__ == "__main__":
    take_ctrl_c()
    main(sys.argv[1:])
