"""Relu on four numbers, the windows of im2col, and the sizes of what a convolution gives (chapters 5 and 7)."""

import sys

import numpy as np

from deltarule.layers import Relu, im2col, output_size
from deltarule.programs.notes_run import start

run = start(__file__, __doc__, seed=1)

x = run.rng.rand(10, 1, 28, 28)
found = {"x.shape": x.shape, "x[0].shape": x[0].shape, "x[1].shape": x[1].shape}
for name, images in (("x1", run.rng.rand(1, 3, 7, 7)), ("x2", run.rng.rand(10, 3, 7, 7))):
    (images,) = run.to_device(images)
    found[f"im2col({name}).shape"] = im2col(images, 5, 5, stride=1, pad=0).shape

for size, stride, pad in ((4, 1, 0), (4, 1, 1), (7, 2, 0)):
    how = f", padding {pad}" * (pad > 0) + f", stride {stride}" * (stride > 1)
    found[f"{size} x {size}, filter 3 x 3{how}"] = (output_size(size, 3, stride, pad),) * 2
for pad in (1, 2, 3):
    found[f"4 x 4 with padding {pad}"] = (output_size(4, 1, 1, pad),) * 2  # a filter of one pixel sees every place

(x,) = run.to_device(np.array([[1.0, -0.5], [-2.0, 3.0]]))
relu = Relu()
found |= {"x": x, "relu(x)": relu.forward(x), "mask": relu.mask}


def draw(figures):
    image = np.arange(49.0).reshape(1, 1, 7, 7)
    return figures.windows(run.caption, image[0, 0], im2col(image, 5, 5))


sys.exit(run.finish(found, draw=draw))
