"""What became of the starts of a study: when each converged, and where the others ended."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from .settings import Settings


@dataclass
class Outcome:
    """What became of some starts.

    Attributes
    ----------
    settings : Settings
    starts : array of int64, shape (n,)
        Their numbers, ascending.
    epochs : array of int64, shape (n,)
        The epoch at whose end each was found to have converged; 0 for those that had not.
    outputs : array of float64, shape (n, N, outputs)
        What each answered then, or where it ended if it had not converged.

    Examples
    --------
    >>> from deltarule.study import study
    >>> outcome = study(Settings("backprop_xor", epochs=2000), 100)
    >>> outcome.converged, len(outcome.failed) == 100 - outcome.converged
    (91, True)
    """

    settings: Settings
    starts: np.ndarray
    epochs: np.ndarray
    outputs: np.ndarray

    @property
    def converged(self):
        """How many converged."""
        return int((self.epochs > 0).sum())

    @property
    def failed(self):
        """The numbers of the starts that did not."""
        return self.starts[self.epochs == 0]

    def interval(self, confidence=0.95):
        """Wilson's interval of the rate, a pair of numbers."""
        from scipy.stats import binomtest  # here, since it takes longer to import than a small study to run

        found = binomtest(self.converged, len(self.starts)).proportion_ci(confidence, method="wilson")
        return float(found.low), float(found.high)

    def groups(self):
        """The outputs, to one decimal, that failed starts ended with, and how many each; the most frequent first."""
        ends = self.outputs[self.epochs == 0]
        rounded = (tuple((np.round(y, 1) + 0.0).ravel().tolist()) for y in ends)
        return Counter(rounded).most_common()

    def joined(self, others):
        """This and the outcomes of other starts in one."""
        parts = [self, *others]
        starts, epochs, outputs = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("starts", "epochs", "outputs")
        )
        order = np.argsort(starts)
        return Outcome(self.settings, starts[order], epochs[order], outputs[order])


def nothing(settings):
    """The outcome of no starts."""
    X, D = settings.experiment.samples()
    none = np.zeros(0, dtype=np.int64)
    return Outcome(settings, none, none, np.zeros((0, len(X), D.size // len(X))))
