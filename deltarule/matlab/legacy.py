"""MATLAB's legacy generator, "v4": ``rand('seed', s)`` and ``randn('seed', s)``.

Uniform numbers are those of Park and Miller's minimal standard (1988), normal ones Marsaglia's polar method with the
second number of each pair thrown away. Worked out from printed outputs and manuals.
"""

import math

import numpy as np

MULTIPLIER = 16807
MODULUS = 2**31 - 1
SEED_OF_0 = 931316785
BLOCK = 1 << 14  # numbers worked out at once: enough to be quick, few enough to stay in the cache


class Legacy:
    """The legacy generator: one state for uniform numbers and one for normal numbers, which do not move each other."""

    kind = "v4"
    largest_seed = MODULUS - 1
    state_size = 2

    def __init__(self, seed):
        self.reseed(seed)

    def reseed(self, seed):
        """Start both sequences from a seed, as ``rand('seed', s)`` and ``randn('seed', s)`` do."""
        self._uniform = self._normal = first_state(seed)

    def uniform(self):
        """The next uniform number."""
        self._uniform = self._uniform * MULTIPLIER % MODULUS
        return self._uniform * (1 / MODULUS)

    def uniforms(self, n):
        """The next n uniform numbers."""
        out = np.empty(n)
        powers = _powers(min(n, BLOCK))
        for begin in range(0, n, BLOCK):
            states = powers[: min(n - begin, BLOCK)] * self._uniform % MODULUS
            out[begin : begin + BLOCK] = states
            self._uniform = int(states[-1])
        return out * (1 / MODULUS)

    def normal(self):
        """The next normal number; its last digit is that of the platform's log."""
        state = self._normal
        s = 2.0
        while s > 1:
            state = state * MULTIPLIER % MODULUS
            u = 2 * (state * (1 / MODULUS)) - 1
            state = state * MULTIPLIER % MODULUS
            v = 2 * (state * (1 / MODULUS)) - 1
            s = u * u + v * v
        self._normal = state
        return u * math.sqrt(-2 * math.log(s) / s)

    def normals(self, n):
        """The next n normal numbers."""
        return np.array([self.normal() for _ in range(n)])

    @property
    def state(self):
        """The states of the uniform and of the normal numbers, uint32."""
        return np.array([self._uniform, self._normal], dtype=np.uint32)

    @state.setter
    def state(self, states):
        if not all(1 <= state < MODULUS for state in states.tolist()):
            raise ValueError(f"State must hold two integers from 1 to {MODULUS - 1} for 'v4', not {states.tolist()}")
        self._uniform, self._normal = states.tolist()


def first_state(seed):
    """The state that a seed stands for: its two halves of 16 bits change places."""
    seed = seed or SEED_OF_0
    if seed & 0x8000:
        seed ^= 0x80008000
    return (seed & 0xFFFF) << 16 | seed >> 16


def _powers(n):
    """At least n powers of the multiplier: their products with a state are the states that follow it."""
    powers = np.array([MULTIPLIER], dtype=np.uint64)
    while len(powers) < n:
        powers = np.concatenate([powers, powers * powers[-1] % MODULUS])
    return powers
