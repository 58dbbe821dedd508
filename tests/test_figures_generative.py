"""The figures of the Boltzmann machine and of the adversarial networks: samples, filters, curves, lines to reach."""

import numpy as np
import pytest
import runs
from closeness import assert_within
from drawn import assert_readable, axes_of, texts, titles
from matplotlib.patches import Rectangle, StepPatch

from deltarule import matlab
from deltarule.models import bars_and_stripes, gan_cost, gan_forward, gan_probability, rbm_log_likelihood
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs import figures
from deltarule.programs.figures import adversarial, energy

TITLE = "What it is (summary, RBM)\nseed default, 20 epochs"
BARS = bars_and_stripes(3)
(START, _), CURVE = EXPERIMENTS["rbm_exact"].start(1), [(1, 6.2), (20, 3.1)]


def certain(image):
    """A machine that gives one image whatever happens, 0 and 1, shape (9,)."""
    return np.zeros((8, 9)), 60 * (2.0 * image[:, None] - 1), np.zeros((8, 1))


def framed(axes):
    """How many images have the frame of those that are none of the patterns."""
    return sum(patch.get_linewidth() == 3 for patch in axes.patches if isinstance(patch, Rectangle))


def images(axes):
    return np.array([image.get_array().ravel() for image in axes.get_images()])


def test_the_patterns_the_samples_and_the_filters_are_drawn_as_they_are():
    figure = figures.machine(TITLE, BARS, START, CURVE, {})
    assert_readable(figure)
    patterns, samples, filters, _ = axes_of(figure)
    np.testing.assert_array_equal(images(patterns), BARS)
    np.testing.assert_array_equal(images(filters), START[0])
    most = abs(START[0]).max()
    assert {image.get_clim() for image in filters.get_images()} == {(-most, most)}
    assert set(np.unique(images(samples))) == {0, 1}
    assert titles(figure)[0] == "the 14 patterns"


@pytest.mark.parametrize(("image", "known"), [(BARS[5], 28), (1 - np.eye(3).ravel(), 0)], ids=["a pattern", "none"])
def test_samples_that_are_none_of_the_patterns_have_a_frame_and_the_others_are_counted(image, known):
    figure = figures.machine(TITLE, BARS, certain(image), CURVE, {})
    samples = axes_of(figure)[1]
    np.testing.assert_array_equal(images(samples), np.tile(image, (28, 1)))
    assert framed(samples) == 28 - known
    assert samples.get_title() == f"28 samples, {known} of them patterns"


@pytest.mark.parametrize("name", ["rbm_bars", "gan_gaussian"])
def test_a_run_that_draws_its_figure_has_the_numbers_of_one_that_does_not(name, tmp_path):
    _, plain = runs.record(name, "--epochs", "3")
    _, drawn = runs.record(name, "--epochs", "3", "--plot", str(tmp_path / "figure.png"))
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    assert (drawn["quantities"], drawn["weights_sha256"]) == (plain["quantities"], plain["weights_sha256"])


def test_the_likelihoods_are_exact_at_the_epochs_of_the_curve_with_lines_at_the_best_and_at_independent_pixels():
    path = list(EXPERIMENTS["rbm_exact"].along(START, 20))
    axes = axes_of(figures.machine(TITLE, BARS, START, CURVE, {"exact": iter(path)}))[-1]
    one, exact, best, alone = axes.get_lines()
    np.testing.assert_array_equal(one.get_xydata(), [(1, -6.2), (20, -3.1)])
    expected = [(n, rbm_log_likelihood(*path[n - 1], BARS).mean()) for n in (1, 20)]
    np.testing.assert_array_equal(exact.get_xydata(), expected)
    assert exact.get_label() == f"exact: {energy.written(expected[1][1])} at the end"
    assert_within([best.get_ydata()[0], alone.get_ydata()[0]], [-2.639, -6.238], absolute=5e-4, relative=0)
    assert {"best, \N{MINUS SIGN}ln 14: \N{MINUS SIGN}2.64", "independent pixels: \N{MINUS SIGN}6.24"} <= set(
        texts(axes)
    )


def test_without_epochs_it_is_said_that_no_likelihood_was_measured():
    figure = figures.machine(TITLE, BARS, START, [], {"exact": iter([])})
    assert_readable(figure)
    assert "no likelihood was measured" in texts(figure)


GAN = EXPERIMENTS["gan_gaussian"]
X, Z = GAN.samples()[0], matlab.rng(300).randn(2000, 1)


@pytest.fixture(scope="module")
def path():
    weights, rng = GAN.start(1)
    return [weights, *GAN.along(weights, 6, rng)]


def test_the_histograms_are_of_what_is_made_and_are_drawn_to_the_scale_of_the_density(path):
    figure = figures.copies(TITLE, {"SGD, rate 0.1": path, "other": path[:2]}, X, Z)
    assert_readable(figure)
    ridges, others, *_ = axes_of(figure)
    assert titles(figure)[:2] == ["SGD, rate 0.1", "other"]
    shown = [6, 5, 2, 1, 0]
    assert [label.get_text() for label in ridges.get_yticklabels()] == [*(f"epoch {n}" for n in shown[:-1]), "at first"]
    steps = [patch for patch in ridges.patches if isinstance(patch, StepPatch)]
    for height, (epoch, step, line) in enumerate(zip(shown, steps, ridges.get_lines(), strict=True)):
        made = gan_forward(*path[epoch], Z)
        width = np.diff(adversarial.BINS)[0]
        shares = np.histogram(made, adversarial.BINS)[0] / (len(Z) * width)
        values, edges, baseline = step.get_data()
        peak = np.sqrt(2 / np.pi)  # of a normal density of deviation 1/2
        scale = 0.85 / max(peak, shares.max())
        assert baseline == height
        np.testing.assert_array_equal(edges, adversarial.BINS)
        assert_within(values - height, scale * shares, absolute=1e-12, relative=0)
        assert_within(line.get_ydata().max() - height, scale * peak, absolute=1e-12, relative=0)
        assert_within(line.get_xdata()[line.get_ydata().argmax()], 3, absolute=1e-12, relative=0)
        assert f"mean {made.mean():.2f}\nstd {made.std():.2f}" in texts(ridges)
    assert len([patch for patch in others.patches if isinstance(patch, StepPatch)]) == 2


def test_the_discriminators_answers_and_costs_are_drawn_with_a_half_and_2_ln_2(path):
    *_, answers, costs = axes_of(figures.copies(TITLE, {"SGD": path}, X, Z))
    said, half = answers.get_lines()
    np.testing.assert_array_equal(said.get_ydata(), gan_probability(*path[-1], said.get_xdata()[:, None])[:, 0])
    cost, least = costs.get_lines()
    np.testing.assert_array_equal(cost.get_xydata(), [(n, gan_cost(*path[n], X, Z)) for n in range(1, 7)])
    assert (half.get_ydata()[0], least.get_ydata()[0]) == (0.5, 2 * np.log(2))


def test_of_a_long_training_seven_histograms_are_drawn_and_a_start_alone_is_one(path):
    ridges = axes_of(figures.copies(TITLE, {"long": path[:1] + path[1:2] * 2000}, X, Z))[0]
    labels = [label.get_text() for label in ridges.get_yticklabels()]
    assert labels == [f"epoch {n}" for n in ("2,000", "1,000", "100", "50", "20", "10", "5")]
    alone = figures.copies(TITLE, {"start": path[:1]}, X, Z)
    assert [label.get_text() for label in axes_of(alone)[0].get_yticklabels()] == ["at first"]


def test_weights_of_float32_are_drawn_as_they_are(path):
    single = [[W.astype(np.float32) for W in weights] for weights in path]
    figure = figures.copies(TITLE, {"SGD": single}, X.astype(np.float32), Z)
    cost = axes_of(figure)[-1].get_lines()[0].get_ydata()
    assert_within(cost, [gan_cost(*weights, X, Z) for weights in path[1:]], absolute=1e-5, relative=0)
    figure = figures.machine(TITLE, BARS.astype(np.float32), [W.astype(np.float32) for W in START], CURVE, {})
    assert_within(images(axes_of(figure)[2]), START[0], absolute=1e-7, relative=0)
