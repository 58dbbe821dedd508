"""MATLAB's own random numbers, its rounding and its reshape.

Worked out from published outputs and the literature: Matsumoto and Nishimura (1998) for the Mersenne Twister,
Marsaglia and Tsang (2000) for the ziggurat, Vitter (1984) for the choice of k numbers.
"""

from .conversions import reshape, round
from .stream import Stream, rng

__all__ = ["Stream", "reshape", "rng", "round"]
