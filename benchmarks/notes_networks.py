"""The training of the from-scratch notes' networks, by this package and in the way of their page, for the benchmarks.

python benchmarks/notes_networks.py ours two_layer float32    prints the seconds as JSON
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import json
import sys
import time
from functools import partial

import numpy as np
import printed_convnet

from deltarule import data
from deltarule.layers import SGD, MultiLayerNet, SimpleConvNet, TwoLayerNet

NETWORKS = {
    "two_layer": partial(TwoLayerNet, 784, 50, 10),
    "multi_layer": partial(MultiLayerNet, 784, [100] * 4, 10),
    "convnet": SimpleConvNet,
}
BATCH = {"two_layer": 100, "multi_layer": 128, "convnet": 100}
STEPS = {"two_layer": 500, "multi_layer": 300, "convnet": 20}
WARM_UP = 5  # steps before the clock, in which buffers are made and threads begin
RATE = 0.01


def work(name, dtype):
    """A network as it starts, the images and digits, and the batches: the same for all that are compared."""
    rng = np.random.RandomState(1)
    network = NETWORKS[name](rng=rng, dtype=np.dtype(dtype))
    X, t = data.mnist()
    x = (X[:, None] if name == "convnet" else X.reshape(len(X), -1)).astype(dtype)
    return network, x, t, [rng.choice(len(x), BATCH[name]) for _ in range(WARM_UP + STEPS[name])]


def timed(step, batches):
    """The seconds that `step` takes for the batches, without those to warm up: by the clock, and of the processors."""
    for batch in batches[:WARM_UP]:
        step(batch)
    began = time.perf_counter(), time.process_time()
    for batch in batches[WARM_UP:]:
        step(batch)
    return {"seconds": time.perf_counter() - began[0], "cpu": time.process_time() - began[1]}


def ours(name, dtype):
    """Batches, gradients and updates by `deltarule.layers`."""
    network, x, t, batches = work(name, dtype)
    optimizer = SGD(RATE)
    return {
        **timed(lambda m: optimizer.update(network.params, network.gradient(x[m], t[m])), batches),
        **ends(network.params.values()),
    }


def printed(name, dtype):
    """The same in the way of the page; of the convolutional network alone."""
    network, x, t, batches = work(name, dtype)
    params = [W.copy() for W in network.params.values()]
    other = printed_convnet.Network(*params)
    return {**timed(lambda m: other.step(x[m], t[m], RATE), batches), **ends(params)}


def numerical(how, images=3):
    """The numerical gradient of the network of two layers: 79,520 losses, many at once or one after the other."""
    network, x, t, _ = work("two_layer", "float64")
    began = time.perf_counter()
    grads = network.numerical_gradient(x[: int(images)], t[: int(images)], batched=how == "batched")
    return {"seconds": time.perf_counter() - began, **ends(grads.values())}


def ends(arrays):
    """By which the ways are seen to end alike: the sum of the absolute values of all arrays."""
    return {"sum": float(sum(np.abs(a).sum(dtype=np.float64) for a in arrays))}


if __name__ == "__main__":
    function, *arguments = sys.argv[1:]
    print(json.dumps({"ours": ours, "printed": printed, "numerical": numerical}[function](*arguments)))
