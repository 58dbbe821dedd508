"""What the convolutional network makes of a digit on its way (chapter 6, PlotFeatures).

--plot draws the digit, the filters and the maps.
"""

import sys
from math import sqrt

from deltarule import data, feature_maps, mnist_conv, mnist_conv_forward
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=3, seed=1, alpha=0.01, beta=0.95, batch_size=100, samples=8000, convolution=True)
options = run.options
choices = {"alpha": options.alpha, "beta": options.beta, "batch_size": options.batch_size, "form": options.convolution}

X, D = run.to_device(*data.mnist())
W1 = 0.01 * run.rng.randn(9, 9, 20)
W5 = (2 * run.rng.rand(100, 2000) - 1) * sqrt(6) / sqrt(360 + 2000)
Wo = (2 * run.rng.rand(10, 100) - 1) * sqrt(6) / sqrt(10 + 100)
W1, W5, Wo = run.start_weights(W1=W1, W5=W5, Wo=Wo)

for epoch in run.epochs():
    W1, W5, Wo = mnist_conv(W1, W5, Wo, X[:8000], D[:8000], **choices)

x = X[1]  # the second training image, a 2, as in the book's figures
y1, y2, y3 = feature_maps(W1, x)
(y,) = mnist_conv_forward(W1, W5, Wo, X[1:2])


def draw(figures):
    return figures.features(run.caption, x, W1, y1, y2, y3, y)


y_test = mnist_conv_forward(W1, W5, Wo, X[8000:])
sys.exit(run.finish_digits(D[8000:], y_test, weights={"W1": W1, "W5": W5, "Wo": Wo}, draw=draw))
