"""Paired tests against oracles, a run against itself, and test splits that overlap only in part."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import stdtr
from statsmodels.stats.multitest import multipletests

from core.datasets.windows import prepare_saved
from core.errors import SpecError
from core.evaluation import long_run, significance
from core.evaluation.compare import comparison, wording
from core.evaluation.compare.comparison import compare
from tests.evaluation.compare.variants import variant, with_test


@pytest.fixture(scope="module")
def three(finished):
    """A run and two with growing noise in their forecasts."""
    return [variant(finished, number, 0.2 * number, seed=number) for number in range(3)]


@pytest.fixture(scope="module")
def result(three):
    return compare(three)


def losses_by_hand(run):
    """The squared error of each shared cutoff of a run of one symbol and one step, in standardised log volatility."""
    rows = run.forecast[(run.forecast["model"] == "lstm") & (run.forecast["part"] == "test")].dropna(subset=["y"])
    scale = float(prepare_saved(run).score_SC[0, 0])
    return (((np.log(rows["yhat"]) - np.log(rows["y"])) / scale) ** 2).to_numpy()


def test_paired_tests_are_those_of_the_definition(three, result):
    losses = [losses_by_hand(run) for run in three]
    overlap = three[0].spec.target.horizon
    assert result.overlap == overlap and [(pair.a, pair.b) for pair in result.pairs] == [(0, 1), (0, 2), (1, 2)]
    for pair in result.pairs:
        difference_N = losses[pair.a] - losses[pair.b]
        count, mean = len(difference_N), difference_N.mean()
        assert pair.difference == pytest.approx(mean, rel=1e-9)
        projection_J = long_run.project(difference_N)
        cosines = long_run.count_cosines(projection_J, count, overlap)
        error = np.sqrt(np.mean(projection_J[:cosines] ** 2) / count)
        assert pair.p_value == pytest.approx(2 * stdtr(cosines, -abs(mean / error)), rel=1e-9)
        assert (pair.low + pair.high) / 2 == pytest.approx(mean, rel=1e-9)
        assert 2 * stdtr(cosines, -(pair.high - mean) / error) == pytest.approx(0.05, rel=1e-6)
        assert pair.skill == pytest.approx(1 - np.sqrt(losses[pair.a].sum() / losses[pair.b].sum()), rel=1e-9)


def test_p_values_are_corrected_as_statsmodels_does(result):
    p_values = [pair.p_value for pair in result.pairs]
    corrected = multipletests(p_values, method="holm")[1]
    assert [pair.p_adjusted for pair in result.pairs] == pytest.approx(list(corrected))
    assert any(pair.p_adjusted > pair.p_value for pair in result.pairs)


def test_without_overlap_the_test_agrees_with_the_simple_one_on_noise():
    """Against the textbook t statistic, whose variance is that of independent differences."""
    rng = np.random.default_rng(3)
    ours, simple = [], []
    for _ in range(40):
        a_N, b_N = rng.normal(0, 1, 400) ** 2, rng.normal(0, 1, 400) ** 2
        (pair,) = comparison.paired_tests([a_N, b_N], 1)
        difference_N = a_N - b_N
        t = difference_N.mean() / difference_N.std(ddof=1) * np.sqrt(len(difference_N))
        ours.append(pair.p_value)
        simple.append(2 * stdtr(399, -abs(t)))
    assert np.corrcoef(ours, simple)[0, 1] > 0.95


def test_the_interval_of_the_difference_leaves_out_zero_if_and_only_if_the_test_rejects():
    rng = np.random.default_rng(0)
    rejected = 0
    for shift in np.linspace(0, 0.3, 40):
        a_N, b_N = rng.normal(0, 1, 120) ** 2 + shift, rng.normal(0, 1, 120) ** 2
        low, high = significance.difference_interval(a_N, b_N, 1)
        p_value = significance.diebold_mariano(a_N, b_N, 1)
        assert (low > 0 or high < 0) == (p_value < 0.05)
        rejected += p_value < 0.05
    assert 0 < rejected < 40


def test_a_run_against_itself_shows_no_difference_and_no_evidence(finished):
    result = compare([finished, variant(finished, 1)])
    (pair,) = result.pairs
    assert (pair.difference, pair.skill, pair.p_value, pair.p_adjusted) == (0.0, 0.0, 1.0, 1.0)
    assert not pair.significant and np.isnan(pair.low)
    assert result.recipe == ()
    assert wording.describe(result).startswith("The forecasts of A and B have the same errors on ")
    assert result.runs[0].scores == result.runs[1].scores


def test_scores_of_the_whole_split_are_those_of_the_run(finished):
    first = compare([finished, variant(finished, 1, 0.3)]).runs[0]
    ours = finished.evaluation.scores["lstm"]
    assert {name: first.scores[name] for name in ours} == pytest.approx(ours)
    assert first.interval == pytest.approx(finished.evaluation.verdict.interval)
    bands = finished.evaluation.bands
    assert first.bands == pytest.approx({name: bands[name] for name in ("nominal", "coverage", "width", "winkler")})


def test_runs_are_compared_on_the_part_that_they_share(finished):
    cutoffs = np.unique(finished.forecast.loc[finished.forecast["part"] == "test", "cutoff"])
    middle = cutoffs[len(cutoffs) // 2]
    early = with_test(variant(finished, 1, 0.1), finished.forecast["cutoff"] <= middle)
    late = with_test(variant(finished, 2, 0.3), finished.forecast["cutoff"] >= cutoffs[10])
    result = compare([early, late])
    shared = (cutoffs >= cutoffs[10]) & (cutoffs <= middle)
    assert result.test.cutoffs == shared.sum() and list(result.test.mean.cutoff_N) == list(cutoffs[shared])
    assert result.test.windows == ((cutoffs <= middle).sum(), (cutoffs >= cutoffs[10]).sum())
    rows = early.forecast[(early.forecast["model"] == "lstm") & (early.forecast["part"] == "test")]
    rows = rows[rows["cutoff"] >= cutoffs[10]]
    error_N = np.log(rows["yhat"]) - np.log(rows["y"])
    assert result.runs[0].scores["rmse"] == pytest.approx(float(np.sqrt((error_N**2).mean())))
    (note,) = [text for text in wording.notes(result, (early, late)) if "overlap only in part" in text]
    assert f"{shared.sum()} test windows are shared, of {result.test.windows[0]} of A" in note


def test_few_shared_cutoffs_are_called_too_few(finished):
    cutoffs = np.unique(finished.forecast.loc[finished.forecast["part"] == "test", "cutoff"])
    short = with_test(variant(finished, 1, 0.1), finished.forecast["cutoff"] <= cutoffs[6])
    result = compare([short, variant(finished, 2)])
    assert result.pairs[0].p_value == 1.0
    assert "7 shared cutoffs are too few for any test." in wording.notes(result, (short, finished))


def test_windows_with_other_outcomes_are_left_out(finished):
    other = variant(finished, 1, 0.1)
    y = other.forecast["y"].to_numpy().copy()
    cutoffs = np.unique(other.forecast.loc[other.forecast["part"] == "test", "cutoff"])
    y[other.forecast["cutoff"].isin(cutoffs[:4])] *= 1.01
    revised = replace(other, forecast=other.forecast.assign(y=y))
    result = compare([finished, revised])
    assert result.test.differing == 4 and result.test.cutoffs == len(cutoffs) - 4
    with pytest.raises(SpecError, match="outcomes there differ"):
        compare([finished, replace(other, forecast=other.forecast.assign(y=other.forecast["y"] * 2))])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"target__horizon": 6}, "target.horizon is 5 in .* and 6 in"),
        ({"target__kind": "close"}, "target.kind is volatility in .* and close in"),
    ],
)
def test_runs_of_another_target_are_refused(finished, settings, words):
    with pytest.raises(SpecError, match=words):
        compare([finished, variant(finished, 1, **settings)])


def test_runs_without_a_common_cutoff_are_refused_with_their_periods(finished):
    cutoffs = np.unique(finished.forecast.loc[finished.forecast["part"] == "test", "cutoff"])
    early = with_test(variant(finished, 1), finished.forecast["cutoff"] < cutoffs[20])
    late = with_test(variant(finished, 2), finished.forecast["cutoff"] >= cutoffs[20])
    with pytest.raises(SpecError, match=r"share no cutoff .* Choose runs of one test period"):
        compare([early, late])


def test_runs_of_other_series_are_refused(finished):
    renamed = finished.forecast["symbol"].cat.rename_categories({"A": "B"})
    other = replace(variant(finished, 1), forecast=finished.forecast.assign(symbol=renamed))
    with pytest.raises(SpecError, match="forecast different series"):
        compare([finished, other])


@pytest.mark.parametrize("count", [0, 1, 5])
def test_two_to_four_runs_are_compared(finished, count):
    with pytest.raises(SpecError, match=f"2 to 4 runs; got {count}"):
        compare([variant(finished, number) for number in range(count)])


def test_a_run_is_named_once(finished):
    with pytest.raises(SpecError, match=f"{finished.id} is named twice"):
        compare([finished, finished])


def test_recipes_are_compared_by_what_differs(three, result):
    (difference,) = result.recipe
    assert (difference.path, difference.field.label, difference.values) == ("seed", "Seed", (0, 1, 2))


def test_the_skill_over_a_model_without_errors():
    inverse = comparison._inverse
    assert inverse(1.0) == -np.inf and inverse(-np.inf) == 0.0 and inverse(0.0) == 0.0
    assert inverse(inverse(0.2)) == pytest.approx(0.2)


def test_a_pair_seen_from_the_other_side_is_the_same_pair(result):
    for pair in result.pairs:
        back = comparison.flip(pair)
        assert back.difference == -pair.difference and (back.low, back.high) == (-pair.high, -pair.low)
        assert 1 - back.skill == pytest.approx(1 / (1 - pair.skill))
        again = comparison.flip(back)
        assert again.skill == pytest.approx(pair.skill) and again.skill_interval == pytest.approx(pair.skill_interval)
    assert {(pair.a, pair.b) for pair in result.seen_from(1)} == {(1, 0), (1, 2)}


def test_runs_of_several_symbols_and_steps_share_their_rows(recipe, bars, train_run):
    frames = {name: bars(300, seed) for seed, name in enumerate("AB")}
    both = train_run(
        recipe(data__symbols=["A", "B"], target__kind="close", target__horizon=2, train__epochs=1), **frames
    )
    other = variant(both, 1, 0.01)
    one = replace(other, forecast=other.forecast[other.forecast["symbol"] == "B"])
    result = compare([both, one])
    assert {result.test.mean.symbols[s] for s in result.test.mean.symbol_N} == {"B"}
    assert result.test.mean.y_NH.shape == (result.test.cutoffs, 2) and result.test.time_NH.shape[1] == 2
    full = compare([both, other])
    assert len(full.test.mean.cutoff_N) == 2 * full.test.cutoffs
    assert full.pairs[0].difference == pytest.approx(full.runs[0].loss - full.runs[1].loss)


def test_sentences_say_what_is_evidence_and_what_is_not(result, three):
    def pretend(*p_values):
        pairs = [replace(pair, p_adjusted=p) for pair, p in zip(result.pairs, p_values, strict=True)]
        return wording.describe(replace(result, pairs=tuple(pairs)))

    assert result.best == 0
    clear, half, none = pretend(0.01, 0.01, 0.5), pretend(0.3, 0.01, 0.5), pretend(0.3, 0.4, 0.5)
    assert clear.startswith("The errors of A are ") and "those of B (p = 0.010) and " in clear
    assert clear.endswith(" shared cutoffs, after correction for 3 comparisons.")
    assert "those of C (p = 0.010) on" in half and "Chance could explain that they are " in half
    assert none.startswith("No evidence of a difference: the errors of A are ")
    for a, b in itertools.pairwise((clear, half, none)):
        assert a != b


def test_notes_name_what_makes_runs_hard_to_compare(finished):
    other = variant(finished, 1, 0.1, bands__coverage=0.8)
    others = {"mean", "last_value"} - {finished.evaluation.verdict.reference}
    verdict = replace(other.evaluation.verdict, reference=others.pop())
    other = replace(other, data_digest="0" * 64, evaluation=replace(other.evaluation, verdict=verdict))
    text = " ".join(wording.notes(compare([finished, other]), (finished, other)))
    assert "trained on different rows or values" in text and "nominal coverages" in text
    assert "the reference of A" in text
    assert wording.notes(compare([finished, variant(finished, 2)]), (finished, finished)) == ()
