"""What `deltarule.check.check` finds after ten epochs from each start, which tell all mistakes of a dense listing.

The public check looks at the listing's last epoch as well, and takes seconds.
"""

from dataclasses import replace

from deltarule.check import checking
from deltarule.check.names import listing_of
from deltarule.check.ports import Port
from deltarule.check.subjects import subjects

EPOCHS = (1, 10)


def short(listing, epochs=EPOCHS):
    """The starts of a check, trained for few epochs."""
    return [replace(start, epochs=epochs) for start in subjects(listing, last=False)]


def port(function, listing):
    """A function as `check` takes it up."""
    return Port(function, listing, checking.CONSTANTS[listing])


def finding(function, listing=None, epochs=EPOCHS):
    """What is found after few epochs."""
    listing = listing_of(function, listing)
    return checking._checked(port(function, listing), listing, "planted", False, short(listing, epochs))
