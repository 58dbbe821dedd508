"""MATLAB's ``randperm``: which numbers a stream's uniforms choose, and in which order.

Each function takes uniforms and draws none itself, so that many calls can share one block of them.
"""

import numpy as np

MANY = 1000  # from it on, sorting in two steps is quicker
FEW = 1000  # below it, a list of all n numbers is quicker than a dictionary of those that have moved


def uniforms_of(n, k):
    """How many uniforms ``randperm(n, k)`` uses."""
    if k == n:
        return n if n > 1 else 0
    return 2 * k if n <= 4 * k else k


def all_of(uniforms):
    """``randperm(n)``: the order that sorts n uniforms, equal ones as they come."""
    if len(uniforms) < MANY:
        return np.argsort(uniforms, kind="stable") + 1
    # NumPy sorts 16 bits by counting, and is quick where little is out of order: three times faster for a million
    roughly = np.argsort((uniforms * 2**16).astype(np.uint16), kind="stable")
    return roughly[np.argsort(uniforms[roughly], kind="stable")] + 1


def ordered(n, k, uniforms):
    """The numbers of ``randperm(n, k)``, a list of int, from the list of `uniforms_of(n, k)` uniforms."""
    if k == n:
        return shuffled(range(1, n + 1), uniforms or [0.0] * n)
    if n <= 4 * k:
        return shuffled(passed(n, k, uniforms[::2]), uniforms[1::2])
    return taken(n, uniforms)


def chosen(n, k, uniforms):
    """The numbers of ``randperm(n, k)``, ascending: which they are, without the work for their order."""
    if k == n:
        return list(range(1, n + 1))
    if n <= 4 * k:
        return passed(n, k, uniforms[::2])
    return sorted(taken(n, uniforms))


def passed(n, k, uniforms):
    """k of the numbers 1 to n, ascending, one uniform each: Vitter's Method A (1984).

    The numbers are passed in order. The uniform says how many are skipped before the next one is chosen: p is the
    chance that no more than those skipped so far are.
    """
    numbers = []
    number, left = 0, n
    for u in uniforms:
        p = k / left
        number += 1
        while u > p:
            number += 1
            left -= 1
            p += (1 - p) * (k / left)  # exactly 1 where all that are left must be chosen
        numbers.append(number)
        k -= 1
        left -= 1
    return numbers


def shuffled(numbers, uniforms):
    """The numbers in random order, one uniform each: the inside-out form of the Fisher-Yates shuffle."""
    order = []
    for i, (number, u) in enumerate(zip(numbers, uniforms, strict=True)):
        order.append(number)
        place = int(u * (i + 1))
        order[place], order[i] = number, order[place]
    return order


def taken(n, uniforms):
    """As many of the numbers 1 to n as there are uniforms: each takes one, the last of those left fills its place."""
    numbers = list(range(1, n + 1)) if n < FEW else Unmoved()
    order = []
    for u in uniforms:
        place = int(n * u)
        n -= 1
        order.append(numbers[place])
        numbers[place] = numbers[n]
    return order


class Unmoved(dict):
    """The numbers 1, 2, 3, ... at the places 0, 1, 2, ..., of which only those that have moved take memory."""

    def __missing__(self, place):
        return place + 1
