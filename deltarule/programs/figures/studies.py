"""What a study found, one figure a question: how often, how soon, where the others ended, how the error went down."""

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .style import DARK, FONT, MIDDLE, SHADES, SMALL, lecture, logarithmic, on_shade, panels, plain, say, sheet

VARIED = {"hidden": "hidden nodes", "alpha": "learning rate", "scale": "scale of the start"}
ENDS = 6  # bars of a panel; those of the other ends are counted in one more


def study(outcomes, marks, errors):
    """The figures of a study.

    Parameters
    ----------
    outcomes : list of deltarule.study.Outcome
        Of one routine, each of other settings.
    marks : array, shape (m,)
        Epochs.
    errors : list of arrays, shape (starts, m)
        For each outcome, the errors of some of its starts after them.

    Returns
    -------
    dict from str to matplotlib.figure.Figure
        ``rates``, ``epochs``, ``failures`` and ``curves``.
    """
    return {
        "rates": study_rates(outcomes),
        "epochs": study_epochs(outcomes),
        "failures": study_failures(outcomes),
        "curves": study_curves(outcomes, marks, errors),
    }


@lecture
def study_rates(outcomes):
    """How many starts converge, with Wilson's interval at 95 %: as a table where two settings vary, else as rows.

    Parameters
    ----------
    outcomes : list of deltarule.study.Outcome

    Returns
    -------
    matplotlib.figure.Figure
    """
    rates = np.array([outcome.converged / len(outcome.starts) for outcome in outcomes])
    intervals = np.array([outcome.interval() for outcome in outcomes])
    texts = [f"{rate:.1%}\n{low:.1%} to {high:.1%}" for rate, (low, high) in zip(rates, intervals, strict=True)]
    title = _title(outcomes, "how many starts converge, with 95 % intervals")
    table = _table_of(outcomes)
    if table:
        return _draw_table(title, outcomes, table, rates, texts)
    figure, axes = _rows(title, outcomes)
    _draw_intervals(axes, rates, *intervals.T, [text.replace("\n", "\n[") + "]" for text in texts])
    axes.set(xlim=(-0.02, 1.02), xlabel="share of the starts that converge")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:.0%}"))
    return figure


@lecture
def study_epochs(outcomes):
    """How many epochs the starts take that converge: the median, and the quartiles as an interval.

    Parameters
    ----------
    outcomes : list of deltarule.study.Outcome

    Returns
    -------
    matplotlib.figure.Figure
    """
    took = [outcome.epochs[outcome.epochs > 0] for outcome in outcomes]
    found = np.array([np.percentile(t, [25, 50, 75]) if len(t) else [np.nan] * 3 for t in took])
    texts = [f"{b:,.0f}\n[{a:,.0f} to {c:,.0f}]" if np.isfinite(b) else "none converged" for a, b, c in found]
    figure, axes = _rows(_title(outcomes, "epochs that it takes, median and quartiles"), outcomes)
    _draw_intervals(axes, found[:, 1], found[:, 0], found[:, 2], texts)
    axes.set(xlabel="epoch by which a start has converged")
    known = found[np.isfinite(found)]
    if len(known) and known.max() >= 10 * known.min():
        logarithmic(axes, "x", known.min(), known.max())
    else:
        axes.set_xlim(0, 1.1 * known.max() if len(known) else 1)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(plain))
    return figure


@lecture
def study_failures(outcomes):
    """Where the starts ended that did not converge, a panel for each setting, the most frequent ends first.

    Parameters
    ----------
    outcomes : list of deltarule.study.Outcome

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = _multiples(_title(outcomes, "the outputs of those that did not converge"), outcomes, (4.2, 2.6))
    bars = [_bars(outcome) for outcome in outcomes]
    longest = max((count for few in bars for _, count in few), default=1)
    for panel, outcome, few in zip(axes, outcomes, bars, strict=True):
        panel.set_title(_named(outcome, outcomes), fontsize=FONT)
        if few:
            _draw_ends(panel, few, len(outcome.starts), longest)
        else:
            say(panel, f"all {len(outcome.starts):,} converged")
    figure.supxlabel(
        "outputs in the order of the samples, to one decimal, and the starts that ended there", fontsize=FONT
    )
    return figure


@lecture
def study_curves(outcomes, marks, errors):
    """How the errors of some starts went down, a panel for each setting; the median is drawn thick.

    Parameters
    ----------
    outcomes, marks, errors
        As `study`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    title = _title(outcomes, "the error of single starts, and the median, thick")
    figure, axes = _multiples(title, outcomes, (4.2, 2.9), sharex=True, sharey=True)
    known = np.concatenate([np.ravel(e) for e in errors])
    known = known[np.isfinite(known) & (known > 0)]
    for panel, outcome, fan in zip(axes, outcomes, errors, strict=True):
        fan = np.where(np.isfinite(fan), fan, np.inf)  # what is not finite is the worst there is, and is not drawn
        panel.plot(marks, fan.T, color=MIDDLE, alpha=max(0.15, min(1, 10 / len(fan))), linewidth=0.9)
        panel.plot(marks, np.median(fan, axis=0), color=DARK)
        panel.set_title(f"{_named(outcome, outcomes)} ({len(fan)} starts)", fontsize=FONT - 1)
    if len(known) and known.max() >= 10 * known.min():
        logarithmic(axes[0], "y", known.min(), known.max())
    if max(marks) >= 10 * min(marks):
        logarithmic(axes[0], "x", min(marks), max(marks))
    networks = outcomes[0].settings.of_networks
    figure.supxlabel("iteration" if networks else "epoch", fontsize=FONT)
    figure.supylabel("share of wrong test images" if networks else "mean squared error", fontsize=FONT)
    return figure


def _title(outcomes, question):
    """The routine and the question; below them, how many starts, what they share, and when one has converged."""
    s = outcomes[0].settings
    counts = sorted({len(outcome.starts) for outcome in outcomes})
    starts = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
    each = " for each setting" if len(outcomes) > 1 else ""
    same = "".join(f", {VARIED[name]} {value:g}" for name, value in _common(outcomes).items())
    converged = f"converged: every output within {s.within:g} of its target by {s.epochs:,} epochs"
    if s.of_networks:
        converged = f"converged: {1 - s.within:.4g} of the test images recognised by {s.epochs:,} iterations"
    return f"{s.routine}: {question}\n{starts} starts{each}{same}\n{converged}"


def _values(name, outcomes):
    """The values of a setting that occur, ascending; the book's, which is None, first."""
    found = {getattr(outcome.settings, name) for outcome in outcomes}
    return sorted(found, key=lambda value: -1 if value is None else value)


def _common(outcomes):
    """What all settings share, by name; not the book's learning rate and scale."""
    values = {name: _values(name, outcomes) for name in VARIED}
    book = (None, 1.0)
    return {name: found[0] for name, found in values.items() if len(found) == 1 and found[0] not in book}


def _varied(outcomes):
    return [name for name in VARIED if len(_values(name, outcomes)) > 1]


def _number(value):
    return "book's" if value is None else f"{value:g}"


def _named(outcome, outcomes):
    """What tells these settings from the others, in words; the routine where there are no others."""
    s = outcome.settings
    words = {"hidden": "hidden", "alpha": "alpha", "scale": "scale"}
    return ", ".join(f"{words[name]} {_number(getattr(s, name))}" for name in _varied(outcomes)) or s.routine


def _table_of(outcomes):
    """The two settings that make a table: (columns, rows); None where not just two vary."""
    varied = _varied(outcomes)
    return (varied[-2], varied[-1]) if len(varied) == 2 else None


def _draw_table(title, outcomes, table, values, texts):
    """A value for each pair of settings, as a shade and as numbers in the cell."""
    columns, rows = (_values(name, outcomes) for name in table)
    figure = sheet(title, (max(9, 2.4 + 1.9 * len(columns)), max(5, 2 + 0.9 * len(rows))))
    (axes,) = panels(figure, 1, 1)
    grid = np.full((len(rows), len(columns)), np.nan)
    for outcome, value, text in zip(outcomes, values, texts, strict=True):
        x = columns.index(getattr(outcome.settings, table[0]))
        y = rows.index(getattr(outcome.settings, table[1]))
        grid[y, x] = value
        axes.text(x, y, text, ha="center", va="center", color=on_shade(value))
    axes.imshow(grid, vmin=0, vmax=1, origin="lower", aspect="auto", cmap=SHADES)
    axes.set_xticks(range(len(columns)), [_number(value) for value in columns])
    axes.set_yticks(range(len(rows)), [_number(value) for value in rows])
    axes.set(xlabel=VARIED[table[0]], ylabel=VARIED[table[1]])
    axes.spines[:].set_visible(False)
    return figure


def _rows(title, outcomes):
    """A figure with a row for each setting, the first on top."""
    figure = sheet(title, (10, max(4, 2 + 0.55 * len(outcomes))))
    (axes,) = panels(figure, 1, 1)
    axes.set_yticks(range(len(outcomes)), [_named(outcome, outcomes) for outcome in outcomes], fontsize=FONT)
    axes.set_ylim(len(outcomes) - 0.5, -0.5)
    axes.grid(axis="x", color="#dddddd")
    return figure, axes


def _draw_intervals(axes, values, low, high, texts):
    """A point and its interval for each row, and both as numbers at the right."""
    y = np.arange(len(values))
    axes.errorbar(values, y, xerr=[values - low, high - values], fmt="o", color=DARK, capsize=5, markersize=8)
    for k, text in enumerate(texts):
        axes.annotate(text.replace("\n", "  "), (1.01, k), xycoords=("axes fraction", "data"), va="center")


def _multiples(title, outcomes, size, **options):
    """A figure with a panel for each setting."""
    across = {1: 1, 2: 2, 4: 2}.get(len(outcomes), 3)
    down = -(-len(outcomes) // across)
    figure = sheet(title, (max(9, size[0] * across), 1 + max(4, size[1] * down)))
    return figure, panels(figure, down, across, len(outcomes), **options)


def _bars(outcome):
    """The most frequent ends by name, with how many starts each has; those of the others are one more."""
    ends = outcome.groups()
    bars = [(_end(end, outcome.outputs.shape[1:]), count) for end, count in ends[:ENDS]]
    others = ends[ENDS:]
    if others:
        bars.append((f"{len(others)} other{'s' * (len(others) > 1)}", sum(count for _, count in others)))
    return bars


def _end(end, shape):
    """What an end is called: its outputs, or, where they are many, the class that each sample is given."""
    if len(end) <= 8:
        return " ".join(f"{y:.1f}" for y in end)
    return "classes " + " ".join(str(k + 1) for k in np.reshape(end, shape).argmax(axis=1))


def _draw_ends(axes, bars, starts, longest):
    """Bars with their counts; all panels have one scale."""
    names, counts = zip(*bars, strict=True)
    axes.barh(range(len(bars)), counts, color=DARK)
    axes.set_yticks(range(len(bars)), names)
    axes.set_ylim(ENDS + 0.6, -0.6)
    for k, count in enumerate(counts):
        axes.text(count, k, f" {count:,}", va="center", fontsize=SMALL)
    axes.set_xlim(0, 1.2 * longest)
    axes.set_xticks(())
    axes.set_xlabel(f"{sum(counts):,} of {starts:,} did not converge", fontsize=SMALL)
