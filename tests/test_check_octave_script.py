"""Functions of a MATLAB script, which has them behind its commands: one is checked, the rest is not run."""

import shutil

import planted
import pytest

from deltarule.check import CheckError
from deltarule.check.octave.checking import check_file
from deltarule.check.octave.source import local_functions

needs_octave = pytest.mark.skipif(shutil.which("octave-cli") is None, reason="needs GNU Octave")
SCRIPT = """\
clear
X = [0 0 1; 0 1 1; ...
     1 0 1; 1 1 1];
D = [0; 0; 1; 1];
W = [8 8 8];
if W(end) > 7
  W = DeltaSGD(W, X, D);
end

function y = Sigmoid(x)  % as MATLAB has them: behind the commands, each with its end
  y = 1 / (1 + exp(-x));
end

%{
function W = BackpropXOR(W, X, D)
%}

function W = DeltaSGD(W, X, D)
  for k = 1:size(X, 1)
    x = X(k, :)';
    switch numel(x(1:end))
      case 3
        y = Sigmoid(W * x);
    end
    e = D(k) - y;
    W = W + 0.9 * y * (1 - y) * e * x';
  end
end
"""


def said(path):
    """What is said of a file that cannot be checked."""
    with pytest.raises(CheckError) as error:
        check_file(path)
    return str(error.value)


def script(folder, *changes):
    path = folder / "homework.m"
    path.write_text(planted.changed(SCRIPT, changes), encoding="utf-8")
    return path


@needs_octave
def test_the_function_of_a_script_is_checked_and_the_rest_of_it_is_not_run(tmp_path):
    found = check_file(script(tmp_path, ("clear", "error('it is run')")))
    assert found.right, str(found)
    assert "it is a script, whose function DeltaSGD is checked; the rest of it is not run" in found.notes


@needs_octave
def test_a_mistake_in_a_function_of_a_script_is_named(tmp_path):
    changes = [("W = W + 0.9 * y * (1 - y) * e * x';", "W = W + 0.9 * e * x';")]
    assert check_file(script(tmp_path, *changes)).mistakes == ("no-output-slope",)


@needs_octave
def test_an_error_in_a_function_of_a_script_is_told_by_its_line_there(tmp_path):
    shown = said(script(tmp_path, ("y = 1 / (1 + exp(-x));", "y = 1 / (1 + exp(-q));")))
    assert shown.startswith("homework.m, line 11: 'q' undefined\n    y = 1 / (1 + exp(-q));")


def test_of_several_functions_in_a_script_one_must_be_a_listings(tmp_path):
    path = script(tmp_path, ("%{", ""), ("%}", "end"))
    assert "of its functions BackpropXOR, DeltaSGD write the one to check to a file of its own" in said(path)
    other = script(tmp_path, ("function W = DeltaSGD(W, X, D)", "function W = Rule(W, X, D)"))
    assert "of its functions Sigmoid, Rule write the one to check to a file of its own" in said(other)


def test_a_block_behind_a_bracket_of_the_line_above_is_counted():
    text = "function a = f(x)\n  A = [1\n    2]; if x > A(end)\n    a = 1;\n  end\nend"
    assert local_functions(f"clear\n{text}\nf(1)") == {"f": f"\n{text}"}


def test_functions_of_a_script_end_where_their_last_block_does():
    text = "function a = f(x)\n  if x(end) > 1, a = 1; end\nend\nf(1)\nfunction g\n  for k = {1, 'end'}\n  end\nend\n"
    assert local_functions(text) == {
        "f": "function a = f(x)\n  if x(end) > 1, a = 1; end\nend",
        "g": "\n\n\n\nfunction g\n  for k = {1, 'end'}\n  end\nend",
    }
