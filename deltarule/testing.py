"""For people who keep a port of their own: an assertion that it trains as the listing does."""

from .check import check


def assert_same_training(mine, listing=None):
    """Assert that a function trains as a listing does, within 1e-9 at every look.

    Parameters
    ----------
    mine : callable
        As `deltarule.check.check` takes it.
    listing : str, optional
        One of `deltarule.check.LISTINGS`; told by the function's name when None.

    Raises
    ------
    AssertionError
        If it does not; the message says where it differs first, and which mistake it makes.
    deltarule.check.CheckError
        If it cannot be checked.

    Examples
    --------
    >>> from deltarule import delta_sgd
    >>> assert_same_training(delta_sgd, "delta_sgd")
    """
    __tracebackhide__ = True  # pytest shows the caller's line
    finding = check(mine, listing)
    if not finding.right:
        raise AssertionError(f"\n{finding}")
