"""A convolutional network learns handwritten digits: 8,000 to train on, 2,000 to test (chapter 6, MnistConv)."""

import sys
from math import sqrt

from deltarule import data, mnist_conv, mnist_conv_forward
from deltarule.programs.run import accuracy, start

run = start(__file__, __doc__, epochs=3, seed=1, alpha=0.01, beta=0.95, batch_size=100, samples=8000, convolution=True)
options = run.options
choices = {"alpha": options.alpha, "beta": options.beta, "batch_size": options.batch_size, "form": options.convolution}

X, D = run.to_device(*data.mnist())
W1 = 0.01 * run.rng.randn(9, 9, 20)
W5 = (2 * run.rng.rand(100, 2000) - 1) * sqrt(6) / sqrt(360 + 2000)
Wo = (2 * run.rng.rand(10, 100) - 1) * sqrt(6) / sqrt(10 + 100)
W1, W5, Wo = run.start_weights(W1=W1, W5=W5, Wo=Wo)

for epoch in run.epochs(
    measured="share of wrong test digits",
    error=lambda: 1 - accuracy(D[8000:], mnist_conv_forward(W1, W5, Wo, X[8000:])),
):
    W1, W5, Wo = mnist_conv(W1, W5, Wo, X[:8000], D[:8000], **choices)

y = mnist_conv_forward(W1, W5, Wo, X[8000:])


def draw(figures):
    return figures.recognition(run.caption, X[8000:], D[8000:], y)


sys.exit(run.finish_digits(D[8000:], y, weights={"W1": W1, "W5": W5, "Wo": Wo}, draw=draw))
