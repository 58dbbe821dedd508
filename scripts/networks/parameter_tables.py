"""Sizes and parameters: the MLP and the strided stack for 32 x 32 x 3, and what padding does (primer, Keras notes)."""

import sys

from deltarule.models import Conv, Dense, Flatten, layer_table, parameters, same_padding, side
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, draws=False)

NETWORKS = {
    "MLP": [Flatten(), Dense(200), Dense(150), Dense(10)],
    "stack": [Conv(10, 4, 2, "same"), Conv(20, 3, 2, "same"), Flatten(), Dense(10)],
}
tables = {name: layer_table((32, 32, 3), layers) for name, layers in NETWORKS.items()}
found = {}
rows = [["layer", "output", "parameters", "printed"]]
for name, table in tables.items():
    for row in table:
        what = f"{name}: {row.layer}"
        found[what] = row.shape[0] if row.layer == "flatten" else row.parameters
        rows.append([what, " x ".join(map(str, row.shape)), str(row.parameters), run.beside(what)])
    found[f"{name}: all"] = parameters(table)
    rows.append([f"{name}: all", "", str(parameters(table)), ""])

for pad in (0, 1, 4):
    found[f"28, filter 9, padding {pad}"] = size = side(28, 9, pad=pad)
    rows.append([f"28 x 28, filter 9 x 9, padding {pad}", f"{size} x {size}", "", ""])
_, maps = layer_table((8, 8, 32), [Flatten()])
found["32 maps"] = maps.shape[0]
rows.append(["32 maps of 8 x 8 in a row", str(maps.shape[0]), "", run.beside("32 maps")])
for size, filter in ((32, 4), (16, 3)):
    found[f"zeros for same: {size}, filter {filter}, stride 2"] = zeros = same_padding(size, filter, 2)
    rows.append([f"zeros before and behind {size}, filter {filter}, stride 2", "{} and {}".format(*zeros), "", ""])


def draw(figures):
    return figures.layer_tables(run.caption, tables, same_padding(16, 3, 2))


sys.exit(run.finish(found, rows=rows, draw=draw))
