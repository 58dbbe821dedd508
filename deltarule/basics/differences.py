"""Numerical gradients by central differences."""

import numpy as np


def central_difference(cost, weights, step=1e-5):
    """The gradient of a cost with respect to each of the weights.

    Parameters
    ----------
    cost : callable
        ``cost(*weights)`` returns a number.
    weights : sequence of arrays
        They are not written to.
    step : float
        Each element is moved by it both ways: the error is of the order of step**2, and of rounding over step.

    Returns
    -------
    list of arrays, shapes of `weights`

    Examples
    --------
    >>> print(central_difference(lambda W: (W**2).sum(), [np.array([1.0, 3.0])])[0].round(6))
    [2. 6.]
    """
    gradients = []
    for k, W in enumerate(weights):
        gradient = np.empty(W.shape)
        for index in np.ndindex(W.shape):
            ends = []
            for sign in (1, -1):
                moved = W.copy()
                moved[index] += sign * step
                ends.append(cost(*weights[:k], moved, *weights[k + 1 :]))
            gradient[index] = (ends[0] - ends[1]) / (2 * step)
        gradients.append(gradient)
    return gradients
