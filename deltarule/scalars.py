"""A recording whose arrays have a few elements each, as a Python function of floats.

NumPy takes half a microsecond a call, however little there is to do; Python computes a dozen floats in that time. The
function is made from the recorded calls, element by element and in their order.
"""

from math import exp, inf

import numpy as np

PER_CALL = 12  # floats that Python computes in the time of one NumPy call
MOST = 5000  # lines of a function, which takes time to compile

OPERATIONS = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.divide: "{} / {}",
    np.negative: "-{}",
    np.exp: "inf if {0} > 709.78 else exp({0})",  # where NumPy's becomes infinite, Python's raises
}


def function(arguments, calls, results):
    """The recorded calls as a function that computes in floats.

    Parameters
    ----------
    arguments : list of float64 arrays
        What the calls read.
    calls : list of functools.partial
        NumPy calls, as `deltarule.recording.Tape` notes them.
    results : list of arrays
        Which of the arrays that the calls write are returned.

    Returns
    -------
    callable or None
        Takes the arguments, numbers for those without axes, and returns the results as a tuple of new arrays; None
        where NumPy would be quicker, or for calls that have no counterpart here.
    """
    elements = sum(_parts(call)[-1].size for call in calls)  # each is a line
    if elements > min(MOST, PER_CALL * len(calls)):
        return None
    names = {}  # by address, the variable for what is there

    def name(address):
        return names.setdefault(address, f"m{len(names)}")

    taken = [f"a{k}.ravel().tolist()" if a.ndim else f"(a{k},)" for k, a in enumerate(arguments)]
    head = [f"{', '.join(map(name, _addresses(a)))}, = {values}" for a, values in zip(arguments, taken, strict=True)]
    body = []
    for call in calls:
        lines = _lines(call, name, names)
        if lines is None:
            return None
        body += lines
    arrays = [f"array([{', '.join(map(name, _addresses(a)))}]).reshape({a.shape})" for a in results]
    source = [f"def program({', '.join(f'a{k}' for k in range(len(arguments)))}):", *head, *body]
    scope = {"exp": exp, "inf": inf, "array": np.array}
    exec("\n ".join([*source, f"return {', '.join(arrays)},"]), scope)
    return scope["program"]


def _parts(call):
    """The arrays that a recorded call reads, and last the one that it writes."""
    return call.args if "out" not in call.keywords else (*call.args, call.keywords["out"])


def _lines(call, name, names):
    """One recorded call as lines of Python; None if there is no way to say it."""
    *operands, out = _parts(call)
    if call.func is np.dot:
        terms = _terms(*operands, name, names)
    elif call.func in OPERATIONS and operands:
        columns = [_reads(a, name, names) for a in np.broadcast_arrays(*operands)]
        terms = [OPERATIONS[call.func].format(*elements) for elements in zip(*columns, strict=True)]
    else:
        return None
    return [f"{name(address)} = {term}" for address, term in zip(_addresses(out), terms, strict=True)]


def _terms(A, B, name, names):
    """The elements of a matrix product, each a sum."""
    rows = [_reads(row, name, names) for row in A]
    columns = [_reads(column, name, names) for column in B.T]
    return [" + ".join(f"{a} * {b}" for a, b in zip(row, column, strict=True)) for row in rows for column in columns]


def _reads(a, name, names):
    """For each element of an array its variable, or its value if nothing has been written there."""
    values = a.ravel().tolist()
    return [names.get(address, f"({value!r})") for address, value in zip(_addresses(a), values, strict=True)]


def _addresses(a):
    """Where each element of an array lies in memory."""
    addresses = np.array(a.__array_interface__["data"][0])
    for length, stride in zip(a.shape, a.strides, strict=True):
        addresses = np.add.outer(addresses, stride * np.arange(length))
    return addresses.ravel().tolist()
