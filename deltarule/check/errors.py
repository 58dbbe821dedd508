"""What can be wrong with what is to be checked, so that it cannot be."""


class CheckError(Exception):
    """A port, a file or a listing that cannot be checked; the message says why, and what to do."""


class PortError(CheckError):
    """A port that raises, or returns what are no weights."""


class BackwardError(PortError):
    """A layer that takes its input forward, and raises on the way back."""


class NothingError(PortError):
    """A port that returns nothing where numbers are wanted."""
