"""Digits in colour: a strided stack does better than an MLP with 43 times as many weights (Keras notes, CNN)."""

import sys

from deltarule.layers import Adam, Trainer
from deltarule.models import COLOUR_NETWORKS, layer_table, layered_network, parameters
from deltarule.models.experiments import COLOUR, colour_test, colour_training
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=COLOUR["epochs"], lr=COLOUR["lr"])
SHAPE, size, dtype = (32, 32, 3), COLOUR["size"], run.options.dtype
x, t, x_test, t_test = run.to_device(*colour_training(), *colour_test())
networks = {name: layered_network(SHAPE, of, rng=run.rng, dtype=dtype) for name, of in COLOUR_NETWORKS.items()}
trainers, weights, found = {}, {}, {}
how = {"mini_batch_size": size, "evaluate_sample_num_per_epoch": 1, "rng": run.rng}
for name, network in networks.items():
    run.start_params(network.params, prefix=f"{name}_")
    trainers[name] = Trainer(network, x, t, optimizer=Adam(run.options.lr), **how)
for _ in run.count():
    (order,) = run.to_device(run.rng.randperm(len(x)) - 1)
    for batch in order.reshape(-1, size):
        for trainer in trainers.values():
            trainer.attempt(batch)

rows = [["layer", "output", "parameters", "test digits right"]]
for name, network in networks.items():
    table = layer_table(SHAPE, COLOUR_NETWORKS[name])
    rows += [[f"{name}: {row.layer}", " x ".join(map(str, row.shape)), str(row.parameters), ""] for row in table]
    found[f"{name}: right"] = right = 0.0 if trainers[name].diverged else network.accuracy(x_test, t_test)
    rows.append([f"{name}: all", "", str(parameters(table)), f"{right:.4f}"])
    weights |= {f"{name}_{key}": W for key, W in network.params.items()}
run.keep_curves({name: trainer.batch_loss_list for name, trainer in trainers.items()}, "loss of a batch")


def draw(figures):
    return figures.colour_digits(run.caption, x_test, t_test, networks, run.curves, linear=run.options.linear)


holds, criterion = found["stack: right"] >= found["MLP: right"] + 0.1, "0.1 more of the test digits right by the stack"
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
