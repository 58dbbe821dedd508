"""The karate club that fell apart: who was whose friend outside of it, and with whom each of the 34 members went."""

import numpy as np

# Zachary's graph, counted from 1: after the colon the friends of a member that have a higher number
_FRIENDS = """
    1: 2 3 4 5 6 7 8 9 11 12 13 14 18 20 22 32
    2: 3 4 8 14 18 20 22 31
    3: 4 8 9 10 14 28 29 33
    4: 8 13 14
    5: 7 11
    6: 7 11 17
    7: 17
    9: 31 33 34
    10: 34
    14: 34
    15: 33 34
    16: 33 34
    19: 33 34
    20: 34
    21: 33 34
    23: 33 34
    24: 26 28 30 33 34
    25: 26 28 32
    26: 32
    27: 30 34
    28: 34
    29: 32 34
    30: 33 34
    31: 33 34
    32: 33 34
    33: 34
"""
_WITH_THE_INSTRUCTOR = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22)


def karate():
    """Zachary's karate club: 34 members, 78 friendships, and the two clubs that it became.

    Returns
    -------
    edges : array of int64, shape (78, 2)
        The two members of each friendship, counted from 0, the lower one first.
    club : array of int64, shape (34,)
        0 for who went with the instructor, member 0, and 1 for who stayed with the administrator, member 33.

    Notes
    -----
    Source and terms: NOTICE.md beside the data.

    Examples
    --------
    >>> edges, club = karate()
    >>> print(len(edges), edges[-1], club.sum())
    78 [32 33] 17
    """
    lines = (line.split(":") for line in _FRIENDS.strip().splitlines())
    edges = [(int(a) - 1, int(b) - 1) for a, friends in lines for b in friends.split()]
    club = np.ones(34, dtype=np.int64)
    club[np.array(_WITH_THE_INSTRUCTOR) - 1] = 0
    return np.array(edges, dtype=np.int64), club
