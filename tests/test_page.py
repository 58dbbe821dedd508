"""The page of the run of all scripts: whole, escaped, and with what there is where a script gave no result."""

import copy
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import runs

from deltarule import data
from deltarule.evidence.textbook import read_textbook
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import page
from deltarule.programs.parts import FOLDERS, MODELS, NOTES

REFERENCE = runs.ROOT / "reference"
BOOK = read_textbook(REFERENCE / "textbook.toml")
VOID = ("meta", "img", "rect", "use", "path", "image")  # tags that need not be closed


def quick():
    """What compare prints as JSON after one epoch; of the convolutional network the digits, which take long to draw."""
    result = copy.deepcopy(runs.record("compare", *runs.SHORT)[1])
    for record in result["scripts"]:
        record.pop("digits" if record["script"] == "mnist_conv" else "", None)
        if record["script"] in ("mnist_conv", "plot_features"):
            del record["outputs"]
    return result


class Tags(HTMLParser):
    """The tags that are open, which must be closed in turn, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in VOID:
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


def part(text, name):
    """The section of a page that its contents name so."""
    return re.search(rf'<section id="{name}">(.*?)</section>', text, re.DOTALL)[1]


def cells(text, name):
    """The first table of a section: its rows, each a list of texts."""
    rows = re.findall(r"<tr>(.*?)</tr>", re.search(r"<table.*?</table>", part(text, name), re.DOTALL)[0], re.DOTALL)
    return [[re.sub(r"<.*?>", "", c).strip() for c in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def test_every_script_of_the_table_is_run_in_its_order():
    found = runs.record("compare", *runs.SHORT)[1]
    wanted = {"listings": EXPERIMENTS, **FOLDERS}
    assert [(record["part"], record["script"]) for record in found["scripts"]] == [
        (part, name) for part, names in wanted.items() for name in names
    ]
    assert {record.get("epochs", record.get("iterations", 1)) for record in found["scripts"]} == {1}


def test_every_script_has_a_row_with_its_verdict_and_a_section_to_which_it_leads(whole):
    text, _ = whole
    for name in EXPERIMENTS:
        row = rf'<td><a href="#{name}">{name}</a></td>.*?<td class="verdict fail">FAIL</td></tr>'
        assert re.search(row, part(text, "listings"))
        assert f'<h2>{name}: <span class="verdict fail">FAIL</span></h2>' in part(text, name)


def test_it_begins_with_how_many_agree_on_what_machine_with_which_version_and_seed(whole):
    text, _ = whole
    (sentence,) = re.findall(r'<p class="lead missed">(.*?)</p>', text)
    here = runs.record("compare", *runs.SHORT)[1]["environment"]
    assert sentence.startswith(
        "0 of 15 scripts agree with the book, GNU Octave and the gradient, not the book&#39;s run (epochs 1): on this"
    )
    assert all(part in sentence for part in (here["cpu"], here["numpy"], here["python"], "deltarule 0."))
    assert re.search(r"on \d{4}-\d\d-\d\d \d\d:\d\d UTC", sentence)
    assert text.index(sentence) < text.index("<dt>python</dt>") < text.index("<nav") < text.index('id="listings"')


def all_passed():
    result = quick()
    result["scripts"] = [record | {"verdict": "pass", "changed": {}, "curves": {}} for record in result["scripts"]]
    return result


def test_the_sentence_is_marked_as_missed_where_one_script_or_function_or_the_drift_is():
    result = all_passed()
    assert "15 of 15" in page.lead(result)
    assert "from the book&#39;s seeds, as the book has it" in parsed(result)[0]
    assert '<p class="lead">' in parsed(result)[0]
    functions = copy.deepcopy(result["functions"])
    functions[0]["matched"][0] = False
    drift = {"passed": False, "scripts": []}
    one = [result["scripts"][0] | {"verdict": "fail"}, *result["scripts"][1:]]
    for wrong in ({"functions": functions}, {"drift": drift}, {"scripts": one}):
        assert '<p class="lead missed">' in parsed(result | wrong)[0]
    assert "The run has drifted." in page.lead(result | {"drift": drift})
    assert "Nothing has drifted" in page.lead(result | {"drift": {"passed": True, "scripts": []}})


def test_every_link_leads_to_a_place_on_the_page_and_every_place_has_one_name(whole):
    _, tags = whole
    names = [attributes["id"] for _, attributes in tags.seen if "id" in attributes]
    links = [value for _, a in tags.seen for key, value in a.items() if key in ("href", "xlink:href")]
    assert len(names) == len(set(names))
    assert {link for link in links if not link.startswith("data:image/png")} <= {f"#{name}" for name in names}
    assert set(re.findall(r"url\(#(.*?)\)", whole[0])) <= set(names)
    assert {f"#{name}" for name in EXPERIMENTS} <= set(links)


def test_each_curve_is_a_drawing_with_a_name_whose_text_is_text_and_nothing_is_fetched(whole):
    text, tags = whole
    drawings = [a for tag, a in tags.seen if tag == "a" and a.get("role") == "img"]
    names = [name for name in EXPERIMENTS if name != "plot_features"]  # which asks for no curve
    trained = [name for scripts in FOLDERS.values() for name, counted in scripts.items() if counted]
    said = [*(f"error curve of {name}" for name in names), *(f"curves of {name}" for name in trained)]
    assert [drawing["aria-label"] for drawing in drawings] == said
    assert [drawing["href"] for drawing in drawings] == [f"#curve-{name}" for name in (*names, *trained)]
    assert re.search(r"<text[^>]*>epoch</text>", part(text, "backprop_xor"))
    assert not re.search(r"https?://|<script|<link", text)


def test_every_script_of_the_notes_has_a_row_in_their_table_and_a_section(whole):
    text, _ = whole
    assert text.index('id="listings"') < text.index('id="from_scratch"') < text.index('id="networks"')
    verdicts = {r["script"]: r["verdict"] for r in quick()["scripts"] if r["script"] in NOTES}
    for name, verdict in verdicts.items():
        word = verdict if verdict == "pass" else verdict.upper()
        row = rf'<td><a href="#{name}">{name}</a></td>.*?<td class="verdict {verdict}">{word}</td></tr>'
        assert re.search(row, part(text, "from_scratch"))
        assert f'<h2>{name}: <span class="verdict {verdict}">{word}</span></h2>' in part(text, name)
    head, *rows = cells(text, "from_scratch")
    assert head == ["script", "from the book&#39;s code", "as in the notes", "criterion", "seconds", "verdict"]
    assert [row[0] for row in rows] == list(NOTES)
    assert rows[list(NOTES).index("apples")][1:4] == ["-", "10 of 10", "-"]


def test_a_number_of_the_notes_stands_beside_ours_and_one_that_is_missed_is_marked():
    result = quick()
    (record,) = result["scripts"] = [r for r in result["scripts"] if r["script"] == "apples"]
    text, _ = parsed(result)
    head, *rows = cells(text, "apples")
    assert head == ["quantity", "ours", "notes"]
    assert ["apples: price", "220.00000000000003", "220.00000000000003"] in rows
    assert "10 of 10 numbers as the notes print them (notes, lines 1314, 1324, 1371-1372)" in part(text, "apples")
    assert part(text, "apples").count('class="met"') == 10
    record["references"][0]["matched"] = [False]
    assert part(parsed(result)[0], "apples").count('class="missed-cell"') == 1
    record["references"][0]["judged"] = False
    assert part(parsed(result)[0], "apples").count('class="shown"') == 1


def test_the_sentence_counts_the_scripts_of_the_notes_and_a_page_without_them_has_none():
    result = all_passed()
    assert f"Of the from-scratch notes {len(NOTES)} of {len(NOTES)} scripts agree" in page.lead(result)
    one = [r | {"verdict": "fail"} if r["script"] == "costs" else r for r in result["scripts"]]
    assert f"notes {len(NOTES) - 1} of {len(NOTES)} scripts agree" in page.lead(result | {"scripts": one})
    listings = [record for record in result["scripts"] if record["script"] in EXPERIMENTS]
    text, _ = parsed(result | {"scripts": listings})
    assert "Of the from-scratch notes" not in text
    assert 'id="from_scratch"' not in text


def test_the_scripts_of_the_other_networks_have_a_table_a_section_each_and_a_sentence(whole):
    text, _ = whole
    head, *rows = cells(text, "networks")
    assert head == ["script", "from PyTorch", "as printed", "criterion", "seconds", "verdict"]
    assert [row[0] for row in rows] == list(MODELS)
    head, *rows = cells(text, "neuron_graph")
    assert head == ["quantity", "ours", "printed"]
    assert ["dy/d(1+exp(-v))", "-0.5344", "-0.53"] in rows
    assert "7 of 7 numbers as printed (lecture, lines 49, 51, 53, 55, 57)" in part(text, "neuron_graph")
    result = all_passed()
    assert f"Of the other networks {len(MODELS)} of {len(MODELS)} scripts agree" in page.lead(result)
    (record,) = (r for r in result["scripts"] if r["script"] == "softmax_classifier")
    record |= {"torch": {"deviation": 2e-15, "tolerance": 1e-12}}
    assert "the weights within 2.0e-15 of the largest, where 1e-12 is allowed" in part(
        parsed(result)[0], record["script"]
    )


def test_how_we_know_of_the_notes_says_what_the_books_code_gave(whole):
    known = part(whole[0], "optimizer_paths")
    assert re.search(r"6 results, the worst within \d.\de-\d\d, where 1e-09 is allowed", known)
    assert "Yes: f falls to a tenth." in known
    result = quick()
    (record,) = (r for r in result["scripts"] if r["script"] == "optimizer_paths")
    record |= {"book_code": {"error": "h_paths.npz: gone"}, "converged": False}
    known = part(parsed(result)[0], "optimizer_paths")
    assert "h_paths.npz: gone" in known
    assert "No; it should be: f falls to a tenth." in known


def test_what_a_script_printed_stands_beside_what_the_book_prints(whole):
    text, _ = whole
    head, *rows = cells(text, "backprop_xor")
    assert head == ["input", "target", "output", "MATLAB&#39;s stream", "book, own start"]
    (record,) = (r for r in quick()["scripts"] if r["script"] == "backprop_xor")
    assert [row[0] for row in rows] == ["0 0 1", "0 1 1", "1 0 1", "1 1 1"]
    assert [row[2] for row in rows] == [f"{y:.4f}" for (y,) in record["outputs"]["output"]]
    assert [row[3:] for row in rows] == list(map(list, zip(*(r.printed for r in BOOK["backprop_xor"]), strict=True)))


def test_a_printed_number_stands_in_the_cell_of_its_image_and_class():
    result = all_passed()
    (record,) = (r for r in result["scripts"] if r["script"] == "real_multi_class")
    (book,) = BOOK["real_multi_class"]
    y = np.zeros((5, 5))
    for at, printed in zip(book.at, book.printed, strict=True):
        y[at[0] - 1, at[1] - 1] = float(printed)
    y[1, 1] += 0.0001  # one of six is another
    record["references"][0]["judged"] = True
    record["outputs"] = {"output": y.tolist()}
    text, _ = parsed(result)
    _, *rows = cells(text, "real_multi_class")
    for at, printed in zip(book.at, book.printed, strict=True):
        assert rows[at[0] - 1][at[1]].endswith(printed)
    assert part(text, "real_multi_class").count('class="met"') == 5
    assert part(text, "real_multi_class").count('class="missed-cell"') == 1
    assert part(text, "real_multi_class").count("<rect") >= data.contaminated_digits()[0].sum()


def test_how_we_know_says_what_was_looked_at_and_what_is_allowed(whole):
    known = part(whole[0], "backprop_xor")
    assert "printed for other choices (epochs): shown, not judged (MATLAB&#39;s stream, rng default)" in known
    assert "of the largest; 1e-12 is allowed." in known
    assert "by central differences; 1e-07 is allowed." in known
    assert "No; it should be: every output within 0.1 of its target." in known
    assert "which is not the derivative" in part(whole[0], "deep_dropout")


def test_where_the_convolutional_network_gave_no_result_the_page_says_so(whole):
    assert "The script gave no result." in part(whole[0], "network")


def test_what_a_run_says_of_itself_is_text_and_never_a_tag():
    result = quick()
    result["environment"]["cpu"] = "<script>alert(1)</script> & more"
    result["scripts"] = [{"script": "<b>", "verdict": "error", "gradient_error": 0.0, "seconds": 1.0}]
    result["scripts"] += [{"script": "mnist_conv", "verdict": "error", "gradient_error": 0.0, "seconds": 1.0}]
    _, tags = parsed(result)
    assert "<script>alert(1)</script> & more" in tags.text
    assert "<b>" in tags.text
    assert "script" not in {tag for tag, _ in tags.seen}
    assert [tag for tag, _ in tags.seen if tag == "figure"] == []
    assert "The script gave no result." in tags.text


def test_octaves_errors_stand_beside_ours_where_it_made_the_run(monkeypatch):
    result = quick()
    result["scripts"] = [r for r in result["scripts"] if r["script"] in ("backprop_ce", "ce_vs_sse")]
    drawn = {}

    def taken(figure, name, alt, back):
        drawn[alt] = [line.get_label() for line in figure.axes[0].get_lines()]

    monkeypatch.setattr(page, "_figure", taken)
    page.page(result, REFERENCE)
    assert drawn == {
        "error curve of backprop_ce": ["error, ours", "Octave"],
        "error curve of ce_vs_sse": ["CE", "SSE"],
    }


def test_the_digits_that_are_not_recognised_are_counted_and_shown(monkeypatch):
    result = runs.record("compare", *runs.SHORT)[1]
    (record,) = (record for record in result["scripts"] if record["script"] == "mnist_conv")
    shown, draw = {}, page.figures.misclassified

    def misclassified(title, images, digits, taken, count):
        shown["digits"], shown["taken"], shown["images"] = digits, taken, images
        return draw(title, images[:9], digits[:9], taken[:9], 9)

    monkeypatch.setattr(page.figures, "misclassified", misclassified)
    text, _ = parsed(result | {"scripts": [record]})
    wrong = round(2000 * (1 - record["accuracy"]))
    assert f"{wrong} of 2000 test digits are taken for another" in text
    assert len(shown["images"]) == len(shown["digits"]) == wrong
    assert (shown["digits"] != shown["taken"]).all()
    assert cells(text, "mnist_conv")[2] == ["output", *map(str, record["digits"][:10])]
    assert json.dumps(record["accuracy"]) in part(text, "mnist_conv")
