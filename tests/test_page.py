"""The page of the run of all scripts: whole, escaped, and with what there is where a script gave no result."""

import copy
import re
from html.parser import HTMLParser

import pytest
import runs

from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import page

REFERENCE = runs.ROOT / "reference"


def quick():
    """What compare prints as JSON after one epoch; the convolutional network, which the page trains again, left out."""
    result = copy.deepcopy(runs.record("compare", "--epochs", "1")[1])
    for record in result["scripts"]:
        if record["script"] == "mnist_conv":
            del record["digits"]
    return result


class Tags(HTMLParser):
    """The tags that are open, which must be closed in turn, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(result, folder=REFERENCE):
    text = page.page(result, folder)
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert tags.open == []
    return text, tags


@pytest.fixture(scope="module")
def whole():
    return parsed(quick())


def test_every_script_has_a_row_with_its_verdict(whole):
    text, _ = whole
    for name in EXPERIMENTS:
        assert re.search(rf'<tr><td>{name}</td>.*?<td class="fail">FAIL</td></tr>', text)


def test_each_curve_is_an_image_with_a_name_and_nothing_is_fetched(whole):
    text, tags = whole
    images = [attributes for tag, attributes in tags.seen if tag == "img"]
    names = [name for name in EXPERIMENTS if name != "plot_features"]  # which asks for no curve
    assert [image["alt"] for image in images] == [f"error curve of {name}" for name in names]
    assert all(image["src"].startswith("data:image/png;base64,") for image in images)
    assert not re.search(r"https?://|<script|<link", text)


def test_where_the_convolutional_network_gave_no_result_the_page_says_so(whole):
    assert "The script gave no result." in whole[1].text


def test_what_a_run_says_of_itself_is_text_and_never_a_tag():
    result = quick()
    result["environment"]["cpu"] = "<script>alert(1)</script> & more"
    result["scripts"] = [{"script": "<b>", "verdict": "error", "gradient_error": 0.0, "seconds": 1.0}]
    result["scripts"] += [{"script": "mnist_conv", "verdict": "error", "gradient_error": 0.0, "seconds": 1.0}]
    _, tags = parsed(result)
    assert "<script>alert(1)</script> & more" in tags.text
    assert "<b>" in tags.text
    assert "script" not in {tag for tag, _ in tags.seen}
    assert [tag for tag, _ in tags.seen if tag == "img"] == []


def test_octaves_errors_stand_beside_ours_where_it_made_the_run(monkeypatch):
    result = quick()
    result["scripts"] = [r for r in result["scripts"] if r["script"] in ("backprop_ce", "ce_vs_sse", "mnist_conv")]
    drawn = {}

    def image(figure, alt):
        drawn[alt] = [line.get_label() for line in figure.axes[0].get_lines()]
        return ""

    monkeypatch.setattr(page, "_image", image)
    parsed(result)
    assert drawn.pop("error curve of mnist_conv")[0] == "error, ours"
    assert drawn == {
        "error curve of backprop_ce": ["error, ours", "Octave"],
        "error curve of ce_vs_sse": ["CE", "SSE"],
    }


@pytest.mark.slow
def test_the_digits_that_are_not_recognised_are_counted_and_shown(monkeypatch):
    result = runs.record("compare", "--epochs", "1")[1]
    (record,) = (record for record in result["scripts"] if record["script"] == "mnist_conv")
    shown, draw = {}, page.figures.misclassified

    def misclassified(title, images, digits, taken, count):
        shown["digits"], shown["taken"], shown["images"] = digits, taken, images
        return draw(title, images, digits, taken, count)

    monkeypatch.setattr(page.figures, "misclassified", misclassified)
    text = page._mnist(result["scripts"])
    wrong = round(2000 * (1 - record["accuracy"]))
    assert f"{wrong} of 2000 test digits are taken for another" in text
    assert len(shown["images"]) == len(shown["digits"]) == wrong
    assert (shown["digits"] != shown["taken"]).all()
