"""A mistake: the steps of a listing that it has otherwise, and a sentence that says so."""

from dataclasses import dataclass, field

from ..steps import step


@dataclass(frozen=True)
class Mistake:
    """One mistake in one listing.

    Attributes
    ----------
    id : str
        The same for the same mistake in each listing, with the layer behind it where it may sit in several.
    says : str
        What is wrong, in one sentence without its full stop.
    steps : dict from str to Step
        What stands in place of the listing's steps, or beside them.
    should : str
        What it should be.
    erratum : str
        The id of the misprint in ``reference/errata.toml`` that it comes from; empty where it is none.
    same : tuple of Mistake
        Others that come to the same weights in this listing, so that nothing tells which of them was made.
    """

    id: str
    says: str
    steps: dict = field(compare=False, repr=False)
    should: str = ""
    erratum: str = ""
    same: tuple = field(default=(), compare=False, repr=False)


def otherwise(form, id, name, needs, function, text, remark="", erratum=""):
    """A mistake in one step of a form: what the page has there is what it should be.

    Parameters
    ----------
    form : Form
    id : str
    name : str
        Of the step.
    needs, function, text
        Of the step as the mistake has it, as `deltarule.check.steps.step` takes them.
    remark : str
        What is peculiar about it, in a few words.
    """
    says = f"{name} is {text}{', ' * bool(remark)}{remark}"
    return Mistake(id, says, {name: step(needs, function, text)}, f"{name} should be {form.steps[name].text}", erratum)


def together(id, says, should, mistakes, erratum=""):
    """One mistake that is made in several steps at once, as in a function that all layers call."""
    steps = {name: s for mistake in mistakes for name, s in mistake.steps.items()}
    return Mistake(id, says, steps, should, erratum)
