"""The trainer: batches drawn at random, the gradient of each, an update, and the curves of loss and accuracy.

What is drawn, computed and recorded in an iteration is in the order of the book.
"""

import inspect

from ..basics.arrays import namespace
from ..basics.checks import plain_array
from ..basics.progress import progress
from . import checks
from .network import Diverged
from .optimizers import OPTIMIZERS


class Trainer:
    """Trains a network on batches drawn at random, with replacement.

    Parameters
    ----------
    network : TwoLayerNet, MultiLayerNet or SimpleConvNet
        Its `params` are changed in place.
    x_train : array, shape (n, ...)
        Samples as the network takes them.
    t_train : array, shape (n,) or (n, classes)
        Digits, or one-hot rows.
    x_test, t_test : array, optional
        What the accuracies of `test_acc_list` are of.
    epochs : int
        An epoch has n / mini_batch_size iterations, which need not be a whole number.
    mini_batch_size : int
        At most n.
    optimizer : str, or an object with ``update(params, grads)``
        One of `OPTIMIZERS` by name.
    optimizer_param : dict, optional
        What the optimiser of that name takes, ``{"lr": 0.1}``; its own defaults when None.
    iterations : int, optional
        How many there are, in place of `epochs`.
    evaluate_sample_num_per_epoch : int, optional
        The accuracies are those of so many samples, the first ones, at most; of all when None.
    rng : numpy.random.RandomState or deltarule.matlab.Stream
        Draws the batches: by ``choice(n, size)`` if it has that, else by ``randi(n, 1, size)``.

    Attributes
    ----------
    train_loss_list : list of float
        For each iteration the loss of its batch, with the new weights, as in use.
    batch_loss_list : list of float
        For each iteration the loss of its batch that the gradient is of: with the old weights, as in training, without
        weight decay.
    train_acc_list, test_acc_list : list of float
        The accuracies after each iteration before which a whole number of epochs is over, the first one for example.
    current_iter : int
        How many iterations are done.
    interrupted : bool
        Whether Ctrl-C ended `train` early.
    diverged : bool
        Whether `train` ended early because numbers were no longer finite.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; the message names it, and nothing has changed.

    Notes
    -----
    Source: the from-scratch notes, chapters 4 and 6, whose scripts have this loop, and the book's class ``Trainer``.

    Examples
    --------
    >>> import numpy as np
    >>> from deltarule.layers import MultiLayerNet
    >>> rng = np.random.RandomState(1)
    >>> x, t = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), [0, 1, 1, 0]
    >>> network = MultiLayerNet(2, [8], 2, rng=rng)
    >>> trainer = Trainer(network, x, t, epochs=100, mini_batch_size=4, optimizer_param={"lr": 0.5}, rng=rng)
    >>> trainer.train()
    >>> print(trainer.current_iter, trainer.train_acc_list[-1], network.predict(x).argmax(axis=1))
    100 1.0 [0 1 1 0]
    """

    def __init__(
        self, network, x_train, t_train, x_test=None, t_test=None, *, epochs=20, mini_batch_size=100, optimizer="SGD",
        optimizer_param=None, iterations=None, evaluate_sample_num_per_epoch=None, rng,
    ):  # fmt: skip
        if not callable(getattr(network, "checked", None)) or isinstance(network, type):
            kinds = "an object of TwoLayerNet, MultiLayerNet or SimpleConvNet"
            raise TypeError(f"network must be {kinds}, not {checks.shown(network)} of type {type(network).__name__}")
        self.network = network
        self.x_train, self.t_train = _pair(network, "train", x_train, t_train)
        if (x_test is None) != (t_test is None):
            raise ValueError("x_test and t_test must be given together")
        self.x_test, self.t_test = (None, None) if x_test is None else _pair(network, "test", x_test, t_test)
        self.mini_batch_size = checks.size("mini_batch_size", mini_batch_size)
        if self.mini_batch_size > len(self.x_train):
            raise ValueError(
                f"mini_batch_size must be at most {len(self.x_train)}, the samples of x_train, "
                f"not {checks.shown(mini_batch_size)}"
            )
        self.max_iter = checks.size("epochs", epochs) * len(self.x_train) // self.mini_batch_size
        if iterations is not None:
            self.max_iter = checks.size("iterations", iterations)
        self.evaluated = evaluate_sample_num_per_epoch
        if self.evaluated is not None:
            self.evaluated = checks.size("evaluate_sample_num_per_epoch", self.evaluated)
        self.optimizer = _optimizer(optimizer, optimizer_param)
        _check_stream(rng)
        self.rng = rng
        self.train_loss_list, self.batch_loss_list = [], []
        self.train_acc_list, self.test_acc_list = [], []
        self.current_iter = 0
        self.interrupted = self.diverged = False

    def train(self):
        """Train to the end, or until Ctrl-C; called once more, go on from there.

        Progress is drawn on stderr where somebody sees it.

        Notes
        -----
        Ctrl-C, where Python makes KeyboardInterrupt of it, ends the iteration that it comes in at once; a part of the
        parameters may have been updated. The lists are those of the iterations before. So it is with numbers that are
        no longer finite, which raise nothing here.
        """
        self.interrupted = False
        try:
            with progress("train", self.max_iter - self.current_iter, "batch") as bar:
                while self.current_iter < self.max_iter and not self.diverged:
                    self.attempt()
                    bar.update(1)
        except KeyboardInterrupt:
            self.interrupted = True

    def attempt(self, batch=None):
        """`train_step`, which becomes `diverged` in place of an error; one that has diverged does nothing more."""
        if not self.diverged:
            try:
                self.train_step(batch)
            except Diverged:
                self.diverged = True

    def train_step(self, batch=None):
        """One iteration: the gradient of a batch, the update, then the loss and, once an epoch, the accuracies.

        Parameters
        ----------
        batch : array of int, optional
            Which samples; drawn when None.

        Raises
        ------
        Diverged
            If the numbers of the network are no longer finite.
        ValueError
            If `batch` is no numbers of samples.
        """
        batch = self.draw() if batch is None else batch
        try:
            x, t = self.x_train[batch], self.t_train[batch]
        except IndexError as error:
            last = len(self.x_train) - 1
            raise ValueError(f"batch must be numbers of samples of x_train, 0 to {last}: {error}") from None
        self.update(self.network.gradient(x, t))
        before, loss = float(self.network.last_layer.loss), float(self.network.loss(x, t))
        if self.current_iter * self.mini_batch_size % len(self.x_train) == 0:  # a whole number of epochs
            self._evaluate()
        self.batch_loss_list.append(before)
        self.train_loss_list.append(loss)
        self.current_iter += 1

    def draw(self):
        """Which samples make a batch, drawn with replacement."""
        batch = draw_batch(self.rng, len(self.x_train), self.mini_batch_size)
        return namespace(self.x_train).asarray(batch)

    def update(self, grads):
        """Let the optimiser change the parameters; Diverged if a gradient is not finite."""
        try:
            self.optimizer.update(self.network.params, grads)
        except ValueError as error:
            if all(bool(namespace(g).isfinite(g).all()) for g in grads.values()):
                raise
            raise Diverged(str(error)) from error

    def _evaluate(self):
        """Record the accuracies."""
        n = self.evaluated
        train = self.network.accuracy(self.x_train[:n], self.t_train[:n])
        if self.x_test is not None:
            self.test_acc_list.append(self.network.accuracy(self.x_test[:n], self.t_test[:n]))
        self.train_acc_list.append(train)


def draw_batch(rng, n, size):
    """So many of the numbers 0 to n - 1, drawn with replacement."""
    return rng.choice(n, size) if hasattr(rng, "choice") else rng.randi(n, 1, size)[0] - 1


def shuffle_dataset(x, t, *, rng):
    """Samples and labels in a random order, both in the same.

    Parameters
    ----------
    x, t : array, shape (n, ...)
        They stay as they are.
    rng : numpy.random.RandomState or deltarule.matlab.Stream
        Draws the order: by ``permutation(n)`` if it has that, else by ``randperm(n)``.

    Returns
    -------
    x, t : arrays
        New ones.

    Raises
    ------
    TypeError, ValueError
        If `x` and `t` do not have one length of at least 1, or `rng` cannot draw.

    Notes
    -----
    Source: the from-scratch notes, chapter 6, which call ``shuffle_dataset`` and do not print it.

    Examples
    --------
    >>> import numpy as np
    >>> x, t = shuffle_dataset([[0.0], [1.0], [2.0]], [0, 1, 2], rng=np.random.RandomState(0))
    >>> print(x.ravel(), t)
    [2. 1. 0.] [2 1 0]
    """
    x, t = plain_array("x", x), plain_array("t", t)
    if x.ndim == 0 or t.ndim == 0 or len(x) != len(t) or len(x) == 0:
        raise ValueError(
            f"x and t must have as many samples, along the first axis; their shapes are {x.shape} and {t.shape}"
        )
    if hasattr(rng, "permutation"):
        order = rng.permutation(len(x))
    else:
        checks.draws("rng", rng, "randperm")
        order = rng.randperm(len(x)) - 1
    order = namespace(x).asarray(order)
    return x[order], t[order]


def _pair(network, name, x, t):
    """Samples and digits that the network takes, checked under the names of the trainer's arguments."""
    try:
        return network.checked(x, t)
    except (TypeError, ValueError) as error:
        message = str(error)
        renamed = f"{message[0]}_{name}{message[1:]}" if message[:2] in ("x ", "t ") else message
        raise type(error)(renamed) from None


def _optimizer(given, options):
    """The optimiser of a name with its options, or the object given."""
    if isinstance(given, str):
        if options is not None and not hasattr(options, "keys"):
            raise TypeError(f"optimizer_param must be a dict, not {checks.shown(options)}")
        name = checks.choice("optimizer", given, OPTIMIZERS)
        taken = list(inspect.signature(OPTIMIZERS[name]).parameters)
        wrong = [key for key in options or {} if key not in taken]
        if wrong:
            message = f"optimizer_param must be what {name} takes, {', '.join(taken)}; it has {checks.shown(wrong[0])}"
            raise TypeError(message)
        return OPTIMIZERS[name](**(options or {}))
    if not callable(getattr(given, "update", None)):
        raise TypeError(f"optimizer must be a name, or have update(params, grads), not {checks.shown(given)}")
    if options is not None:
        raise ValueError("optimizer_param must be None where optimizer is not a name")
    return given


def _check_stream(rng):
    """TypeError unless `rng` can draw batches."""
    if not hasattr(rng, "choice"):
        checks.draws("rng", rng, "randi")
