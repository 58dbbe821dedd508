"""Two recurrent networks with gates, which choose what is kept from step to step: LSTM and GRU."""

from typing import Any, NamedTuple

from numpy import tanh

from ..basics.arrays import T
from ..basics.functions import sigmoid
from . import checks
from .functions import at_rest, clipped_epoch, stacked

LSTM_SHAPES = "h n+h, h n+h, h n+h, h n+h, m h"  # of Wf, Wi, Wq, Wg and Wo
GRU_SHAPES = "h n+h, h n+h, h n+h, m h"  # of Wr, Wu, Wg and Wo


class LSTMStep(NamedTuple):
    """What an LSTM's step is made of, each a matrix with a column a sequence.

    Attributes
    ----------
    z : array
        The step's inputs above the outputs h of the step before.
    f, i, q : array
        The forget, input and output gates.
    g : array
        What is offered to the cells.
    before, c : array
        The cells before the step and after it.
    h : array
        The outputs of the nodes.
    """

    z: Any
    f: Any
    i: Any
    q: Any
    g: Any
    before: Any
    c: Any
    h: Any


class GRUStep(NamedTuple):
    """What a GRU's step is made of, each a matrix with a column a sequence.

    Attributes
    ----------
    z : array
        The step's inputs above the outputs of the step before.
    r, u : array
        The reset and update gates.
    zr : array
        The step's inputs above the outputs of the step before, as the reset gate lets them through.
    g : array
        What is offered to the nodes.
    before, h : array
        The outputs of the nodes before the step and after it.
    """

    z: Any
    r: Any
    u: Any
    zr: Any
    g: Any
    before: Any
    h: Any


def lstm_steps(Wf, Wi, Wq, Wg, x):
    """The steps of an LSTM through x (T, n, samples); cells and outputs are 0 before the first."""
    c = h = at_rest(Wf, x)
    steps = []
    for x_t in x:
        z = stacked(x_t, h)
        f = sigmoid(Wf @ z)
        i = sigmoid(Wi @ z)
        q = sigmoid(Wq @ z)
        g = tanh(Wg @ z)
        before, c = c, f * c + i * g
        h = q * tanh(c)
        steps.append(LSTMStep(z, f, i, q, g, before, c, h))
    return steps


def lstm_back(Wf, Wi, Wq, Wg, steps, eh):
    """From the last step to the first: errors eh and ec of outputs and cells, and the deltas of f, i, q and g."""
    ec = 0 * eh
    for z, f, i, q, g, before, c, h in reversed(steps):
        ec = ec + q * (1 - tanh(c) ** 2) * eh
        deltaf = f * (1 - f) * ec * before
        deltai = i * (1 - i) * ec * g
        deltaq = q * (1 - q) * eh * tanh(c)
        deltag = (1 - g * g) * ec * i
        yield eh, ec, (deltaf, deltai, deltaq, deltag)

        ez = T(Wf) @ deltaf + T(Wi) @ deltai + T(Wq) @ deltaq + T(Wg) @ deltag
        eh = ez[..., z.shape[-2] - h.shape[-2] :, :]
        ec = f * ec


def lstm_changes(Wf, Wi, Wq, Wg, Wo, x, d, alpha):
    """Weight changes for half the squared error, summed over the columns of x (T, n, samples) and d (m, samples)."""
    steps = lstm_steps(Wf, Wi, Wq, Wg, x)
    h = steps[-1].h
    y = Wo @ h

    e = d - y
    delta = e

    dWf = dWi = dWq = dWg = 0
    back = lstm_back(Wf, Wi, Wq, Wg, steps, T(Wo) @ delta)
    for step, (_, _, (deltaf, deltai, deltaq, deltag)) in zip(reversed(steps), back, strict=True):
        dWf = dWf + alpha * deltaf @ T(step.z)
        dWi = dWi + alpha * deltai @ T(step.z)
        dWq = dWq + alpha * deltaq @ T(step.z)
        dWg = dWg + alpha * deltag @ T(step.z)
    dWo = alpha * delta @ T(h)
    return dWf, dWi, dWq, dWg, dWo


def gru_steps(Wr, Wu, Wg, x):
    """The steps of a GRU through x (T, n, samples); the outputs are 0 before the first."""
    h = at_rest(Wr, x)
    steps = []
    for x_t in x:
        z = stacked(x_t, h)
        r = sigmoid(Wr @ z)
        u = sigmoid(Wu @ z)
        zr = stacked(x_t, r * h)
        g = tanh(Wg @ zr)
        before, h = h, u * h + (1 - u) * g
        steps.append(GRUStep(z, r, u, zr, g, before, h))
    return steps


def gru_changes(Wr, Wu, Wg, Wo, x, d, alpha):
    """Weight changes for half the squared error, summed over the columns of x (T, n, samples) and d (m, samples)."""
    steps = gru_steps(Wr, Wu, Wg, x)
    y = Wo @ steps[-1].h

    e = d - y
    delta = e
    dWo = alpha * delta @ T(steps[-1].h)

    dWr = dWu = dWg = 0
    e = T(Wo) @ delta
    n = x.shape[-2]
    for z, r, u, zr, g, before, _ in reversed(steps):
        deltau = u * (1 - u) * e * (before - g)
        deltag = (1 - g * g) * (1 - u) * e
        er = (T(Wg) @ deltag)[..., n:, :]
        deltar = r * (1 - r) * er * before
        dWr = dWr + alpha * deltar @ T(z)
        dWu = dWu + alpha * deltau @ T(z)
        dWg = dWg + alpha * deltag @ T(zr)
        e = u * e + r * er + (T(Wr) @ deltar + T(Wu) @ deltau)[..., n:, :]
    return dWr, dWu, dWg, dWo


def lstm_adding(Wf, Wi, Wq, Wg, Wo, X, D, *, alpha=0.1, beta=0.9, size=20, norm=0.5):
    """Train an LSTM with a linear output for one epoch, by the mean squared error of batches.

    With z the step's inputs x above the outputs h of the step before, the gates are f = sigmoid(Wf z),
    i = sigmoid(Wi z) and q = sigmoid(Wq z), and g = tanh(Wg z) is what is offered; then the cells are c = f c + i g,
    and the outputs h = q tanh(c). After the last step y = Wo h and delta = d - y.

    Parameters
    ----------
    Wf, Wi, Wq, Wg : array, shape (..., h, n + h)
        Weights of the forget, input and output gates and of what is offered, from n inputs and h outputs of the step
        before. Leading axes are independent networks; those of the weights are broadcast together, and the new weights
        have them.
    Wo : array, shape (..., m, h)
        Weights from the outputs after the last step to those of the network.
    X : array, shape (N, T, n)
        N sequences of T steps; a constant input 1 stands for a bias.
    D : array, shape (N,) or (N, m)
        Their targets.
    alpha : float
        Learning rate, above 0.
    beta : float
        Share of the momentum that stays from batch to batch, in [0, 1); it is zero at the beginning of every epoch.
    size : int
        Sequences in a batch, whose gradients are averaged; an incomplete last batch is left out.
    norm : float
        What the norm of the gradient, of all weights together, is clipped at, above 0.

    Returns
    -------
    Wf, Wi, Wq, Wg, Wo : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Notes
    -----
    Source: LSTM of the primer (docs/sources.md), which leaves out the output gate; the task is that
    of Hochreiter and Schmidhuber (1997). `lstm_changes` is the body, `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> import numpy as np
    >>> from deltarule import matlab
    >>> from deltarule.models.tasks import adding
    >>> X, D = adding(matlab.rng(100), 1000, 10)
    >>> rng = matlab.rng(1)
    >>> W = [2 * rng.rand(8, 11) - 1 for gate in "fiqg"]
    >>> W[0][:, 2] += 1  # the third input is constant
    >>> W.append(2 * rng.rand(1, 8) - 1)
    >>> for epoch in range(10):
    ...     W = lstm_adding(*W, X, D)
    >>> bool(np.mean((D - lstm_forward(*W, X)[:, 0]) ** 2) < 0.01)
    True
    """
    X, D, *weights = checks.sequences_targets(LSTM_SHAPES, X, D, Wf=Wf, Wi=Wi, Wq=Wq, Wg=Wg, Wo=Wo)
    return clipped_epoch(lstm_changes, weights, X, D, alpha, beta, size, norm)


def lstm_forward(Wf, Wi, Wq, Wg, Wo, X):
    """Outputs of an LSTM after the last step.

    Parameters
    ----------
    Wf, Wi, Wq, Wg : array, shape (..., h, n + h)
    Wo : array, shape (..., m, h)
    X : array, shape (N, T, n)

    Returns
    -------
    array, shape (..., N, m)
        One sequence a row.

    Raises
    ------
    TypeError, ValueError
        As `lstm_adding`.

    Examples
    --------
    >>> W = [[[0.0, 0.0]]]  # all gates half open, and nothing is offered
    >>> print(lstm_forward(*W, *W, *W, *W, [[1.0]], [[[1.0], [2.0]]]))
    [[0.]]
    """
    X, *gates, Wo = checks.sequences_weights(LSTM_SHAPES, X, Wf=Wf, Wi=Wi, Wq=Wq, Wg=Wg, Wo=Wo)
    return T(Wo @ lstm_steps(*gates, X.transpose(1, 2, 0))[-1].h)


def gru_adding(Wr, Wu, Wg, Wo, X, D, *, alpha=0.1, beta=0.9, size=20, norm=1.0):
    """Train a GRU with a linear output for one epoch, by the mean squared error of batches.

    With z the step's inputs x above the outputs h of the step before, the gates are r = sigmoid(Wr z) and
    u = sigmoid(Wu z), and g = tanh(Wg [x; r h]) is what is offered; then h = u h + (1 - u) g. After the last step
    y = Wo h and delta = d - y.

    Parameters
    ----------
    Wr, Wu, Wg : array, shape (..., h, n + h)
        Weights of the reset and update gates and of what is offered.
    Wo : array, shape (..., m, h)
        Weights from the outputs after the last step to those of the network.
    X, D, alpha, beta, size, norm
        As for `lstm_adding`.

    Returns
    -------
    Wr, Wu, Wg, Wo : arrays, shapes and dtype of the arguments

    Raises
    ------
    TypeError, ValueError
        As `lstm_adding`.

    Notes
    -----
    Source: the primer names it; the equations are those of Cho et al.
    (2014), where the reset gate acts before the product with Wg. In ``torch.nn.GRU`` it acts after it.

    Examples
    --------
    >>> import numpy as np
    >>> from deltarule import matlab
    >>> from deltarule.models.tasks import adding
    >>> X, D = adding(matlab.rng(100), 1000, 10)
    >>> rng = matlab.rng(1)
    >>> W = [2 * rng.rand(8, 11) - 1 for gate in "rug"] + [2 * rng.rand(1, 8) - 1]
    >>> for epoch in range(10):
    ...     W = gru_adding(*W, X, D)
    >>> bool(np.mean((D - gru_forward(*W, X)[:, 0]) ** 2) < 0.01)
    True
    """
    X, D, *weights = checks.sequences_targets(GRU_SHAPES, X, D, Wr=Wr, Wu=Wu, Wg=Wg, Wo=Wo)
    return clipped_epoch(gru_changes, weights, X, D, alpha, beta, size, norm)


def gru_forward(Wr, Wu, Wg, Wo, X):
    """Outputs of a GRU after the last step.

    Parameters
    ----------
    Wr, Wu, Wg : array, shape (..., h, n + h)
    Wo : array, shape (..., m, h)
    X : array, shape (N, T, n)

    Returns
    -------
    array, shape (..., N, m)
        One sequence a row.

    Raises
    ------
    TypeError, ValueError
        As `lstm_adding`.

    Examples
    --------
    >>> W = [[[0.0, 0.0]]]
    >>> print(gru_forward(*W, *W, *W, [[1.0]], [[[1.0], [2.0]]]))
    [[0.]]
    """
    X, *gates, Wo = checks.sequences_weights(GRU_SHAPES, X, Wr=Wr, Wu=Wu, Wg=Wg, Wo=Wo)
    return T(Wo @ gru_steps(*gates, X.transpose(1, 2, 0))[-1].h)
