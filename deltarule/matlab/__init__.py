"""MATLAB's own random numbers, its rounding and its reshape, and files from it and back.

Worked out from published outputs and the literature: Matsumoto and Nishimura (1998) for the Mersenne Twister,
Marsaglia and Tsang (2000) for the ziggurat, Vitter (1984) for the choice of k numbers.
"""

from .conversions import reshape, round
from .files import load, save
from .stream import RandStream, Stream, rng

__all__ = ["RandStream", "Stream", "load", "reshape", "rng", "round", "save"]
