"""What `deltarule.check.check` finds after ten epochs from each start, which tell all mistakes of a dense listing.

The public check looks at the listing's last epoch as well, and takes seconds.
"""

from dataclasses import replace

from deltarule import matlab
from deltarule.check import checking
from deltarule.check.names import listing_of
from deltarule.check.ports import Port
from deltarule.check.subjects import Subject, subjects

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


def named(function, listing):
    """The mistakes that the check names."""
    return checking._checked(port(function, listing), listing, "planted", False).mistakes


def small_images():
    """Two batches of images of 8 x 8, and 30 that the listing leaves out; some outputs are above a half."""
    rng = matlab.rng(3)
    weights = 0.3 * rng.randn(3, 3, 2), 6 * (rng.rand(6, 18) - 0.5), 6 * (rng.rand(10, 6) - 0.5)
    X, D = rng.rand(230, 8, 8), rng.randi(10, 230, 1)[:, 0] - 1
    return Subject("small images", weights, rng, X, D, (1, 2))
