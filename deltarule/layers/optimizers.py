"""Six ways to follow a gradient, each with ``update(params, grads)``, which changes the parameters in place.

What an optimiser remembers is 0 at first, and belongs to the parameters of its first update.
"""

import math

import numpy as np

from . import checks


class Optimizer:
    """What all optimisers share: the learning rate, and an update that checks everything before it changes anything.

    Parameters
    ----------
    lr : float
        The learning rate, above 0.

    Raises
    ------
    TypeError, ValueError
        If it is not a finite number above 0.
    """

    _kept: tuple[str, ...] = ()  # the attributes that remember something of each parameter

    def __init__(self, lr):
        self.lr = checks.rate("lr", lr)
        for name in self._kept:
            setattr(self, name, None)

    def update(self, params, grads):
        """Change each of the parameters in place, by one step.

        Parameters
        ----------
        params : dict of arrays, float64 or float32
            The arrays are changed; those of `grads` are not.
        grads : dict of arrays
            The gradients, of the same keys, shapes and dtypes.

        Raises
        ------
        TypeError, ValueError
            If the keys, shapes, dtypes or devices do not agree, with each other or with those of the first update; if a
            gradient is not finite, or a parameter cannot be changed. The message names the key; nothing has changed.
        """
        arrays = checks.parameters_and_gradients(params, grads)
        for name in self._kept:
            self._remember(name, {key: p for key, p, _ in arrays})
        self._begin()
        for key, p, g in arrays:
            kept = [getattr(self, name)[key] for name in self._kept]
            if p.ndim == 0:  # a view with an axis: NumPy's functions make plain numbers of arrays without
                p, g, *kept = (a.reshape(1) for a in (p, g, *kept))
            self._change(p, g, *kept)

    def _remember(self, name, params):
        """Zeros at first; then a check that the parameters are those of the first update."""
        kept = getattr(self, name)
        if kept is None:
            setattr(self, name, {key: np.zeros_like(p) for key, p in params.items()})
            return
        if kept.keys() != params.keys():
            raise ValueError(f"params must have the keys of the first update, {list(kept)}, not {list(params)}")
        for key, p in params.items():
            a = kept[key]
            if a.shape != p.shape or a.dtype != p.dtype or type(a) is not type(p):
                raise ValueError(
                    f"params[{key!r}] must be as in the first update, {a.dtype} of shape {a.shape} on the same device, "
                    f"not {p.dtype} of shape {p.shape}"
                )

    def _begin(self):
        """What happens once an update."""

    def _change(self, p, g, *kept):
        """Change a parameter, and what is kept of it, in place."""
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent: w = w - lr g.

    Parameters
    ----------
    lr : float
        The learning rate, above 0.

    Raises
    ------
    TypeError, ValueError
        If it is not a finite number above 0.

    Notes
    -----
    Source: the from-scratch notes, class ``SGD``, chapter 6.

    Examples
    --------
    >>> params = {"W": np.array([1.0, 2.0])}
    >>> SGD(lr=0.5).update(params, {"W": np.array([1.0, -1.0])})
    >>> print(params["W"])
    [0.5 2.5]
    """

    def __init__(self, lr=0.01):
        super().__init__(lr)

    def _change(self, p, g):
        p -= self.lr * g


class Momentum(Optimizer):
    """v = momentum v - lr g; w = w + v.

    Parameters
    ----------
    lr : float
        The learning rate, above 0.
    momentum : float
        In [0, 1).

    Attributes
    ----------
    v : dict of arrays, or None before the first update

    Raises
    ------
    TypeError, ValueError
        If an argument is not a finite number in its range.

    Notes
    -----
    Source: the from-scratch notes, class ``Momentum``, chapter 6. There the update stands within the branch that makes
    `v`, so that only the first call does anything.

    Examples
    --------
    >>> params, optimizer = {"W": np.array([1.0])}, Momentum(lr=0.5)
    >>> for _ in range(2):
    ...     optimizer.update(params, {"W": np.array([1.0])})
    >>> print(params["W"], optimizer.v["W"])
    [-0.45] [-0.95]
    """

    _kept = ("v",)

    def __init__(self, lr=0.01, momentum=0.9):
        super().__init__(lr)
        self.momentum = checks.ratio("momentum", momentum)

    def _change(self, p, g, v):
        v *= self.momentum
        v -= self.lr * g
        p += v


class Nesterov(Momentum):
    """w = w + momentum^2 v - (1 + momentum) lr g; then v = momentum v - lr g.

    Parameters, attributes and errors are those of `Momentum`. This is Nesterov's gradient with the weights taken where
    the next gradient is looked at; ``torch.optim.SGD(nesterov=True)`` does the same.

    Notes
    -----
    Source: the repository of the notes' book, class ``Nesterov``, as corrected in its Japanese edition. The Korean
    repository takes the new v where the old one belongs.

    Examples
    --------
    >>> params = {"W": np.array([1.0])}
    >>> Nesterov(lr=0.5).update(params, {"W": np.array([1.0])})
    >>> print(params["W"].round(12))
    [0.05]
    """

    def _change(self, p, g, v):
        step = self.lr * g
        v *= self.momentum
        v -= step
        p += self.momentum * v  # with the new v: momentum^2 times the old one, less momentum times the step
        p -= step


class AdaGrad(Optimizer):
    """h = h + g^2; w = w - lr g / (sqrt(h) + epsilon).

    Parameters
    ----------
    lr : float
        The learning rate, above 0.
    epsilon : float
        Added to the root, so that nothing is divided by 0; above 0.

    Attributes
    ----------
    h : dict of arrays, or None before the first update

    Raises
    ------
    TypeError, ValueError
        If an argument is not a finite number above 0.

    Notes
    -----
    Source: the from-scratch notes, class ``AdaGrad``, chapter 6. There the root is multiplied by 1e-7, and only the
    first call does anything.

    Examples
    --------
    >>> params, optimizer = {"W": np.array([1.0])}, AdaGrad(lr=0.5)
    >>> for _ in range(2):
    ...     optimizer.update(params, {"W": np.array([3.0])})
    >>> print(params["W"].round(6), optimizer.h["W"])
    [0.146447] [18.]
    """

    _kept = ("h",)

    def __init__(self, lr=0.01, *, epsilon=1e-7):
        super().__init__(lr)
        self.epsilon = checks.rate("epsilon", epsilon)

    def _change(self, p, g, h):
        h += g * g
        self._follow(p, g, h)

    def _follow(self, p, g, h):
        """Step along the gradient over the root of `h`."""
        root = np.sqrt(h)
        root += self.epsilon
        step = self.lr * g
        step /= root
        p -= step


class RMSprop(AdaGrad):
    """h = decay_rate h + (1 - decay_rate) g^2; w = w - lr g / (sqrt(h) + epsilon).

    Parameters
    ----------
    lr : float
        The learning rate, above 0.
    decay_rate : float
        In [0, 1): how much of the past is kept.
    epsilon : float
        Added to the root; above 0.

    Attributes
    ----------
    h : dict of arrays, or None before the first update

    Raises
    ------
    TypeError, ValueError
        If an argument is not a finite number in its range.

    Notes
    -----
    Source: the from-scratch notes, chapter 6, which describe it and have no code for it.

    Examples
    --------
    >>> params = {"W": np.array([1.0])}
    >>> RMSprop(lr=0.5, decay_rate=0.75).update(params, {"W": np.array([3.0])})
    >>> print(params["W"].round(6))
    [0.]
    """

    def __init__(self, lr=0.01, decay_rate=0.99, *, epsilon=1e-7):
        super().__init__(lr, epsilon=epsilon)
        self.decay_rate = checks.ratio("decay_rate", decay_rate)

    def _change(self, p, g, h):
        square = g * g
        square *= 1 - self.decay_rate
        h *= self.decay_rate
        h += square
        self._follow(p, g, h)


class Adam(Optimizer):
    """m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w = w - rate m / (sqrt(v) + epsilon).

    At update number t the rate is lr sqrt(1 - beta2^t) / (1 - beta1^t).

    Parameters
    ----------
    lr : float
        The learning rate, above 0.
    beta1, beta2 : float
        In [0, 1): how much of the past is kept of the gradient and of its square.
    epsilon : float
        Added to the root; above 0.

    Attributes
    ----------
    m, v : dict of arrays, or None before the first update
    iter : int
        How many updates there were.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a finite number in its range.

    Notes
    -----
    Source: the from-scratch notes, chapter 6, which describe Adam and have no code for it. Epsilon is added to sqrt(v),
    as in section 2 of Kingma and Ba's article ("epsilon hat"), and not to the root of the corrected v: an epsilon e of
    ``torch.optim.Adam`` is e sqrt(1 - beta2^t) here.

    Examples
    --------
    >>> params, optimizer = {"W": np.array([1.0])}, Adam(lr=0.5)
    >>> optimizer.update(params, {"W": np.array([3.0])})
    >>> print(params["W"].round(5), optimizer.iter)
    [0.5] 1
    """

    _kept = ("m", "v")

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, *, epsilon=1e-7):
        super().__init__(lr)
        self.beta1 = checks.ratio("beta1", beta1)
        self.beta2 = checks.ratio("beta2", beta2)
        self.epsilon = checks.rate("epsilon", epsilon)
        self.iter = 0

    def _begin(self):
        self.iter += 1
        self._rate = self.lr * math.sqrt(1 - self.beta2**self.iter) / (1 - self.beta1**self.iter)

    def _change(self, p, g, m, v):
        m *= self.beta1
        m += (1 - self.beta1) * g
        step = g * g
        step *= 1 - self.beta2
        v *= self.beta2
        v += step
        np.sqrt(v, out=step)
        step += self.epsilon
        np.divide(m, step, out=step)
        step *= self._rate
        p -= step


OPTIMIZERS = {
    "SGD": SGD,
    "Momentum": Momentum,
    "Nesterov": Nesterov,
    "AdaGrad": AdaGrad,
    "RMSprop": RMSprop,
    "Adam": Adam,
}


def optimizer(name, **options):
    """An optimiser by its name.

    Parameters
    ----------
    name : str
        One of `OPTIMIZERS`, in capital letters or small ones.
    **options
        What its class takes.

    Returns
    -------
    Optimizer

    Raises
    ------
    TypeError, ValueError
        If there is no optimiser of that name, or it does not take the options.

    Examples
    --------
    >>> print(optimizer("adam", lr=0.3).lr)
    0.3
    >>> optimizer("rmsprpo")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: name must be one of SGD, Momentum, ..., Adam, not 'rmsprpo'; did you mean 'RMSprop'?
    """
    return OPTIMIZERS[checks.choice("name", name, OPTIMIZERS)](**options)
