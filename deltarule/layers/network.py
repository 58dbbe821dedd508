"""What the networks share: layers in a row that take their weights from ``params``, and softmax with its cost on top.

A pass goes through the layers in order, and back-propagation in reverse.
"""

from math import prod

import numpy as np

from ..basics.arrays import namespace
from . import checks
from .dense import SoftmaxWithLoss
from .differences import batched_gradient, plain_gradient
from .labels import as_digits
from .layer import told_finite
from .starts import weight_scale

LEARNED = ("W", "b", "gamma", "beta")  # the attributes of a layer that it learns, and how their keys begin
IN_TRAINING = ("BatchNorm", "Dropout")  # how the names of layers begin that do another thing in training than in use
AT_ONCE = 2**18  # numbers that go into a layer at a time when right answers are counted: 2 MiB


def check_init(value):
    """TypeError or ValueError unless `weight_init_std` is what `weight_scale` takes."""
    try:
        weight_scale(value, 1)
    except (TypeError, ValueError) as error:
        raise type(error)(f"weight_init_std{str(error).removeprefix('init')}") from None


class Diverged(ValueError):
    """The numbers of a network are no longer finite; as a rule the learning rate is too large."""


class Network:
    """Layers in a row, with softmax and cross-entropy on top: what the three networks are.

    Parameters
    ----------
    params : dict
        The parameters by key.
    layers : dict
        The layers by name, from input to output; each key of `params` is an attribute of one of them.
    keys : dict
        By the name of a layer, the number at the end of the keys of its parameters.
    sample : tuple of int
        The shape of a sample; of one axis where samples of any shape with as many elements will do.
    weight_decay_lambda : float
        The cost has half of it times the squares of all W.

    Attributes
    ----------
    params : dict
        An optimiser changes these arrays in place. A key may also be given another array of the same shape, and the
        next pass takes it.
    layers : dict
        By the book's names, ``Affine1`` and so on.
    last_layer : SoftmaxWithLoss

    Notes
    -----
    Source: the from-scratch notes, the classes ``TwoLayerNet`` (chapters 4 and 5) and ``SimpleConvNet`` (chapter 7).
    The layers are given their parameters before each pass, where the book gives them once: what stands in `params` is
    what runs, also when it was bound anew, or lies on another device by now.
    """

    def __init__(self, params, layers, keys, sample, weight_decay_lambda=0.0):
        self.params = params
        self.layers = layers
        self.last_layer = SoftmaxWithLoss()
        self.weight_decay_lambda = weight_decay_lambda
        self.learned = [
            (layers[name], attribute, f"{attribute}{number}", params[f"{attribute}{number}"].shape)
            for name, number in keys.items()
            for attribute in LEARNED
            if hasattr(layers[name], attribute)
        ]
        self._sample = tuple(sample)
        self._results = {}
        self._last_steps = []

    def bind(self):
        """Give the layers what stands in `params`; ValueError where a key is missing or an array has another shape."""
        for layer, attribute, key, shape in self.learned:
            W = self.params.get(key)
            if W is None or W.shape != shape:
                raise ValueError(f"params[{key!r}] must be an array of shape {shape}, not {getattr(W, 'shape', W)}")
            setattr(layer, attribute, W)

    def predict(self, x, train_flg=False):
        """The scores of the classes, before softmax.

        Parameters
        ----------
        x : array, shape (N, ...)
            N samples.
        train_flg : bool
            Whether dropout and batch normalisation do what they do in training.

        Returns
        -------
        array, shape (N, classes)

        Raises
        ------
        TypeError, ValueError
            If `x` does not fit.
        Diverged
            If the numbers within the network are not finite.
        """
        return self._forward(self._samples(x), train_flg)

    def loss(self, x, t, train_flg=False):
        """The cross-entropy, averaged over the samples, and the weight decay.

        Parameters
        ----------
        x : array, shape (N, ...)
        t : array, shape (N,) or (N, classes)
            The digits, or one-hot rows.
        train_flg : bool
            As for `predict`.

        Returns
        -------
        float

        Raises
        ------
        TypeError, ValueError, Diverged
            As `predict`, or if `t` does not fit.
        """
        x, t = self.checked(x, t)
        return self._loss(self._forward(x, train_flg), t) + self.decay()

    def decay(self):
        """What weight decay adds to the cost."""
        if not self.weight_decay_lambda:
            return 0.0
        squares = sum(np.vdot(W, W) for key, W in self.params.items() if key.startswith("W"))
        return self.weight_decay_lambda / 2 * squares

    def accuracy(self, x, t):
        """The share of samples whose largest score is that of the right class.

        Parameters
        ----------
        x : array, shape (N, ...)
        t : array, shape (N,) or (N, classes)

        Returns
        -------
        float

        Raises
        ------
        TypeError, ValueError, Diverged
            As `loss`.
        """
        x, t = self.checked(x, t)
        size = max(1, AT_ONCE // max(prod(x.shape[1:]), *(shape[0] for *_, shape in self.learned)))
        right = 0
        for begin in range(0, len(x), size):
            scores = self._forward(x[begin : begin + size], False)
            right += int((scores.argmax(axis=1) == t[begin : begin + size]).sum())
        return right / len(x)

    def gradient(self, x, t):
        """The gradient of the loss by back-propagation, as in training.

        Parameters
        ----------
        x : array, shape (N, ...)
        t : array, shape (N,) or (N, classes)

        Returns
        -------
        dict
            One array for each key of `params`.

        Raises
        ------
        TypeError, ValueError, Diverged
            As `loss`.

        Notes
        -----
        Batch normalisation takes the batch into its running averages, and dropout draws its masks from the stream that
        the network was made with.
        """
        x, t = self.checked(x, t)
        self._loss(self._forward(x, True), t)
        self._backward()
        grads = {key: getattr(layer, f"d{attribute}") for layer, attribute, key, _ in self.learned}
        if self.weight_decay_lambda:
            for key in grads:
                if key.startswith("W"):
                    grads[key] = grads[key] + self.weight_decay_lambda * self.params[key]
        return grads

    def numerical_gradient(self, x, t, h=1e-4, *, batched=True):
        """The gradient of the loss by central differences, as in training.

        Parameters
        ----------
        x : array, shape (N, ...)
        t : array, shape (N,) or (N, classes)
        h : float
            The step.
        batched : bool
            Whether many parameters are changed at a time, each in a batch of its own; the same to rounding, and many
            times as fast. Without it every change goes through the whole network.

        Returns
        -------
        dict
            One array for each key of `params`.

        Raises
        ------
        TypeError, ValueError, Diverged
            As `loss`.

        Notes
        -----
        Dropout draws its masks once, as `gradient` does, and they stay for all differences; the running averages of
        batch normalisation stay as they are.
        """
        x, t = self.checked(x, t)
        h = checks.rate("h", h)
        gradient = batched_gradient if checks.flag("batched", batched) else plain_gradient
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return gradient(self, x, t, h)
        except ValueError as error:
            raise Diverged(str(error)) from error

    def _samples(self, x):
        """`x` as finite samples like the parameters; ValueError where theirs is another shape."""
        self.bind()
        x = checks.samples("x", x, self.learned[0][0].W)
        if len(self._sample) == 1:
            if prod(x.shape[1:]) != self._sample[0]:
                raise ValueError(f"x must be samples of {self._sample[0]} elements, (N, ...), not of shape {x.shape}")
        elif x.shape[1:] != self._sample:
            wanted = ", ".join(map(str, self._sample))
            raise ValueError(
                f"x must be images (N, {wanted}), not of shape {x.shape}; x.reshape(-1, {wanted}) makes them"
            )
        return x

    def checked(self, x, t):
        """Samples, and their labels as digits."""
        x = self._samples(x)
        b = self.learned[-1][0].b
        return x, as_digits(t, namespace(b).empty((len(x), len(b)), dtype=b.dtype))

    def _steps(self, x):
        """What a pass of the samples x goes through, by name, in order."""
        return list(self.layers.items())

    def _forward(self, x, train_flg):
        """The scores for samples that are known to be right."""
        finite = True
        self._last_steps = self._steps(x)
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # said by Diverged
                for name, layer in self._last_steps:
                    more = (train_flg,) if name.startswith(IN_TRAINING) else ()
                    x, finite = _passed(layer, layer.forward, finite, x, *more)
                    if train_flg:
                        self._keep(name, "forward", x)
        except ValueError as error:
            raise Diverged(f"{name}: {error}") from error
        return x

    def _keep(self, name, way, result):
        """Keep what a layer gave until it gives it again.

        Nothing reads it. But memory that is free at the end of a pass goes back to the system, and the next pass gets
        it page by page, which was up to a quarter of the time of a step of `SimpleConvNet`.
        """
        self._results[name, way] = result

    def _loss(self, scores, digits):
        try:
            return self.last_layer.forward(scores, digits)
        except ValueError as error:
            raise Diverged(f"scores: {error}") from error

    def _backward(self):
        """Back-propagation after a forward pass; the layers keep the gradients of what they learn."""
        dout = self.last_layer.backward()
        finite = True  # differences of probabilities
        (first, layer), *others = self._last_steps
        # nobody asks for the gradient of the samples
        first_backward = layer.weight_gradients if hasattr(layer, "weight_gradients") else layer.backward
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                for name, above in reversed(others):
                    dout, finite = _passed(above, above.backward, finite, dout)
                    self._keep(name, "backward", dout)
                name = first
                _passed(layer, first_backward, finite, dout)
        except ValueError as error:
            raise Diverged(f"{name}: {error}") from error


def _passed(layer, method, finite, a, *more):
    """What a layer's method gives for `a`, and whether that is known to be finite, as `a` may be known to be."""
    result = told_finite(layer, method, a, *more) if finite else method(a, *more)
    return result, getattr(layer, "_keeps_finite", False)
