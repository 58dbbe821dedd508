"""The notebooks: committed without outputs, and every cell of theirs runs, with the assertions that are in them."""

import json

import pytest
from runs import ROOT

from deltarule.evidence.textbook import read_textbook

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def code(notebook):
    """The text of all code cells of a notebook's file."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def executed(notebook, change=lambda node: None):
    """A notebook, changed or as it is, after every cell has run in a kernel, from the folder of notebooks."""
    import nbformat
    from nbclient import NotebookClient

    node = nbformat.read(notebook, as_version=4)
    nbformat.validate(node)
    change(node)
    NotebookClient(node, timeout=300, resources={"metadata": {"path": str(notebook.parent)}}).execute()
    return node


def outputs(node, kind):
    """What the cells of a notebook gave, of one MIME type or stream."""
    given = [output for cell in node.cells for output in cell.get("outputs", ())]
    streams = [output["text"] for output in given if output.get("name") == kind]
    return streams + [output["data"][kind] for output in given if kind in output.get("data", {})]


def test_there_is_one_for_each_chapter_and_none_has_outputs():
    assert [notebook.stem for notebook in NOTEBOOKS] == [f"chapter-{k}" for k in range(2, 7)]
    for notebook in NOTEBOOKS:
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            assert cell.get("outputs", []) == [], notebook.name
            assert cell.get("execution_count") is None, notebook.name


def test_no_printed_number_is_typed_into_a_notebook():
    printed = read_textbook(ROOT / "reference" / "textbook.toml").values()
    digits = {number for references in printed for reference in references for number in reference.printed}
    for notebook in NOTEBOOKS:
        assert not [number for number in digits - {"0.5000"} if number in code(notebook)], notebook.name


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs_and_a_figure_is_drawn(notebook):
    node = executed(notebook)
    assert len(outputs(node, "image/png")) == 1
    assert outputs(node, "stderr") == []
    assert node.cells[-1].outputs[0]["text"]  # the exercise prints something as it stands


@pytest.mark.slow
def test_a_notebook_whose_training_is_another_fails():
    from nbclient.exceptions import CellExecutionError

    def shorter(node):
        (training,) = (cell for cell in node.cells if "range(10_000)" in cell.source)
        training.source = training.source.replace("10_000", "9_000")

    with pytest.raises(CellExecutionError, match="(?s)AssertionError.*book, chapter 2, delta rule with SGD"):
        executed(NOTEBOOKS[0], shorter)
