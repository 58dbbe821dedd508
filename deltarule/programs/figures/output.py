"""Where a figure goes: a file, the bytes of a page, or a window; and whether it can, asked before the training."""

import io
from pathlib import Path

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ...basics.files import write_whole

# pgf takes LaTeX, raw and rgba have no size, and not every Pillow writes avif
PICTURES = {"eps", "jpeg", "jpg", "pdf", "png", "ps", "svg", "svgz", "tif", "tiff", "webp"}
FORMATS = sorted(FigureCanvasAgg.get_supported_filetypes().keys() & PICTURES)


def cannot_draw(file):
    """Why no figure can be drawn for `file`, or shown in a window when that is empty; None when it can."""
    if not file:
        return None if _has_display() else "there is no display for a window; name a file, as in --plot figure.png"
    if Path(file).suffix[1:].lower() not in FORMATS:
        return f"{file!r} must end in one of {', '.join(f'.{kind}' for kind in FORMATS)}"
    return None


def _has_display():
    """Whether matplotlib has found a way to open windows."""
    from matplotlib import pyplot  # here, since a file is written without it

    try:
        probe = pyplot.figure()
    except ImportError:  # a backend of windows was asked for where there are none
        return False
    opens = probe.canvas.required_interactive_framework is not None
    pyplot.close(probe)
    return opens


def show_or_save(figures, file):
    """Show figures in windows until they are closed, or write them; a file appears whole or not at all.

    Parameters
    ----------
    figures : matplotlib.figure.Figure, or dict of them
        Of a dict the first is written to `file`, each other beside it, with its key at the end of the name:
        ``rates.png``, ``rates-epochs.png``.
    file : str
        Empty for windows.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    named = figures if isinstance(figures, dict) else {"": figures}
    if not file:
        _show(named.values())
        return
    path = Path(file)
    for k, (name, figure) in enumerate(named.items()):
        to = path.with_stem(f"{path.stem}-{name}") if k else path
        write_whole(to, content(figure, path.suffix[1:].lower()))


def _show(figures):
    from matplotlib import pyplot

    shown = [pyplot.figure(FigureClass=lambda *_, drawn=figure, **__: drawn) for figure in figures]
    pyplot.show()
    for figure in shown:
        pyplot.close(figure)


def content(figure, kind, dpi=150):
    """The bytes of a figure's file of a kind, one of `FORMATS`; the same figure gives the same SVG."""
    buffer = io.BytesIO()
    dated = {"Date": None} if kind in ("svg", "svgz") else None
    with rc_context({"svg.hashsalt": "deltarule"}):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=dated)
    return buffer.getvalue()


def png(figure, dpi=110):
    """The bytes of a PNG."""
    return content(figure, "png", dpi)


def svg(figure):
    """An SVG as text, whose type stays type: it can be searched, and read aloud."""
    with rc_context({"svg.fonttype": "none"}):
        return content(figure, "svg").decode()
