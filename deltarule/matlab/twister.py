"""MATLAB's default generator, the Mersenne Twister (Matsumoto and Nishimura 1998): MATLAB calls it "twister".

Its words and uniforms are those of NumPy's MT19937 and RandomState, which NumPy's compatibility policy has frozen.
"""

import numpy as np

from . import ziggurat

DEFAULT_SEED = 5489  # what 0 and "default" mean


class Twister:
    """The Mersenne Twister at some place in its sequence, on which uniform and normal numbers draw in turn."""

    kind = "twister"
    largest_seed = 2**32 - 1
    state_size = 625  # the 624 words at hand, and how many of them were used

    def __init__(self, seed):
        self._words = np.random.MT19937(_NO_ENTROPY)
        self._numbers = np.random.RandomState(self._words)
        self.uniform = self._numbers.random_sample
        self.uniforms = self._numbers.random_sample
        self.reseed(seed)

    def reseed(self, seed):
        """Start the sequence of a seed: Matsumoto and Nishimura's init_genrand."""
        self._numbers.seed(seed or DEFAULT_SEED)

    def normal(self):
        """The next normal number."""
        return ziggurat.normal(self._words.random_raw, self.uniform)

    def normals(self, n):
        """The next n normal numbers."""
        return ziggurat.normals(n, self._words.random_raw, self._many_words, self.uniform)

    @property
    def state(self):
        """The 625 words that MATLAB's ``State`` has, uint32."""
        words, used = self._numbers.get_state()[1:3]
        return np.append(words, used).astype(np.uint32)

    @state.setter
    def state(self, words):
        used = int(words[-1])
        if used > len(words) - 1:
            raise ValueError(f"State must end with how many of its 624 words were used, 0 to 624, not {used}")
        if words[0] < 2**31 and not words[1:-1].any():  # the sequence goes on with the first bit of the first word
            raise ValueError("State must not be all zeros: no other word would ever follow")
        self._numbers.set_state(("MT19937", words[:-1], int(words[-1])))

    def _many_words(self, n):
        return self._numbers.randint(0, 2**32, size=n, dtype=np.uint32)


class _NoEntropy(np.random.bit_generator.ISeedSequence):
    """Words for a generator that is seeded right afterwards, without 80 us of asking the operating system for them."""

    def generate_state(self, n_words, dtype=np.uint32):
        return [0] * n_words  # NumPy reads a list ten times faster than an array


_NO_ENTROPY = _NoEntropy()
