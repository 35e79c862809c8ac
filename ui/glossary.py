"""The words of the screen, each explained once: the tooltips and the Glossary page read this table."""

from dataclasses import dataclass

from core.language import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, what it means in one or two plain sentences, and other words by which people look for it."""

    name: str
    text: str
    also: tuple[str, ...] = ()

    def matches(self, words: str) -> bool:
        """Whether every one of these words occurs in the term or its explanation."""
        everything = " ".join((self.name, self.text, tr(self.name), tr(self.text), *self.also)).lower()
        return all(word in everything for word in words.lower().split())


def _term(name: str, text: str, *also: str) -> Term:
    return Term(name=name, text=text, also=also)


TERMS: dict[str, Term] = {
    term.name: term
    for term in (
        _term(
            "additivity error",
            "The largest gap between a forecast and the sum of the contributions that explain it. Near zero, the "
            "explanation adds up.",
        ),
        _term(
            "backtest",
            "A rehearsal on the past: the model is trained again for each of several periods, always on earlier data, "
            "and judged on what came after.",
            "walk-forward",
            "fold",
        ),
        _term(
            "baseline",
            "A simple forecast to compare with, such as the last value or the average so far. A model that does not "
            "beat it has learned nothing of use.",
            "benchmark",
            "naive",
        ),
        _term(
            "Brier score",
            "The mean squared difference between a forecast probability and what happened (0 or 1). Lower is better; "
            "always saying one half scores 0.25.",
        ),
        _term(
            "calibration",
            "Whether stated uncertainty comes true: a 90 % interval should hold 90 % of the outcomes, and events "
            "given 30 % should happen in 30 % of the cases.",
        ),
        _term(
            "coverage",
            "The share of outcomes that fell inside the prediction interval. It should be close to the nominal "
            "coverage, which is what the interval promises.",
            "nominal coverage",
        ),
        _term(
            "cutoff",
            "The last time whose data a forecast has seen. Everything after it is unknown to the model.",
            "origin",
        ),
        _term(
            "deflated Sharpe ratio",
            "The probability that the true Sharpe ratio is better than the luckiest of as many models without skill. "
            "It corrects for having tried many.",
        ),
        _term("direction", "Whether a value will be higher or not, forecast as the probability of a rise."),
        _term("drawdown", "How far a value has fallen below its highest point so far."),
        _term(
            "embargo",
            "A pause between training data and test data, so that what lingers in the series for a while cannot leak "
            "from one into the other.",
            "gap",
        ),
        _term("ensemble", "Several networks trained from different starting points; their mean is the forecast."),
        _term("epoch", "One pass through all training windows."),
        _term(
            "feature",
            "One of the numbers that a model sees at each step: the value itself, its change or the day of the week.",
            "input",
            "covariate",
        ),
        _term(
            "hit rate",
            "The share of forecast directions that were right. Compare it with always saying the more frequent "
            "direction.",
        ),
        _term("horizon", "How many steps ahead a forecast reaches.", "steps ahead", "lead time"),
        _term(
            "known future covariate",
            "A column whose future values are known when the forecast is made: plans, prices, holidays.",
            "future covariate",
        ),
        _term("lag", "How many steps back a value lies; lag 1 is the latest."),
        _term(
            "leakage",
            "Data that would not have been known in time reach the model. Its test results are then too good to be "
            "true.",
            "look-ahead",
        ),
        _term(
            "log return",
            "The natural logarithm of a price over an earlier price; for small moves it is nearly the change in "
            "per cent.",
        ),
        _term(
            "MASE",
            "The mean absolute error divided by that of saying that nothing changes from one step to the next. "
            "Below 1 is better than that.",
        ),
        _term(
            "mean absolute error",
            "The average distance between forecast and outcome, in the unit of the series.",
            "MAE",
        ),
        _term(
            "p-value",
            "How often luck alone would give a difference at least this large if there were none. Below 0.05 is "
            "usually taken as evidence.",
            "significance",
        ),
        _term(
            "partial dependence",
            "How the forecast changes, on average over many windows, as one feature is set to one value after another.",
        ),
        _term(
            "persistence",
            "The forecast that just repeats the last value. It looks good on a chart of levels and knows nothing.",
            "last value",
        ),
        _term(
            "pinball loss",
            "The error of forecast quantiles: too high and too low cost in the proportion that the quantile states. "
            "Lower is better.",
            "quantile",
        ),
        _term(
            "PIT",
            "Where each outcome fell in its forecast distribution, from 0 (below everything expected) to 1. If the "
            "distribution is right, all places are equally frequent.",
            "probability integral transform",
        ),
        _term(
            "prediction interval",
            "A range in which the outcome should lie with the stated probability, such as 90 %.",
            "band",
            "interval",
            "error band",
        ),
        _term(
            "purge", "Samples at the border of two splits are left out if their outcome reaches into the next split."
        ),
        _term(
            "QLIKE",
            "An error of volatility forecasts that counts too low a forecast as worse than one equally too high.",
        ),
        _term("recipe", "Everything that decides a training: data, target, features, model and settings.", "spec"),
        _term("reference", "The best simple baseline, chosen on the validation split: skill is measured against it."),
        _term(
            "reliability of an explanation",
            "Whether an explanation adds up, stays the same when the training is repeated, and names what really "
            "moves the forecast.",
        ),
        _term(
            "root mean squared error",
            "The square root of the average squared error, in the unit of the series: large errors count more.",
            "RMSE",
        ),
        _term("run", "One finished training with its recipe, forecasts, scores and explanations, saved in a folder."),
        _term(
            "Shapley value",
            "A fair share of one forecast's distance from the average forecast, given to each feature; the shares "
            "add up to the whole distance.",
            "SHAP",
            "contribution",
            "importance",
        ),
        _term(
            "Sharpe ratio",
            "Average return divided by how much the returns vary, for a year. It compares strategies of different "
            "risk.",
        ),
        _term(
            "skill",
            "1 − the model's error / the error of the reference. Zero is no better than the reference, 100 % would "
            "be perfect, below zero is worse.",
        ),
        _term(
            "skill interval",
            "The range of skill that the test data do not rule out, at the 95 % level: what to expect in another "
            "period.",
            "interval",
            "confidence interval",
        ),
        _term(
            "split",
            "One of the parts of the data in order of time: training, validation (when to stop), calibration "
            "(how wide intervals are) and test (the judge, never seen before).",
            "train",
            "validation",
            "test",
        ),
        _term("step", "The distance from one row of the series to the next: a day, an hour, a month."),
        _term("target", "What is forecast: a level, a return, a direction, a volatility or any column."),
        _term("verdict", "One sentence on whether the model has skill, from a test on data that it has never seen."),
        _term("volatility", "How strongly a price varies, in per cent a year.", "realised volatility"),
        _term("window length", "How many of the latest steps the model sees when it makes a forecast.", "lookback"),
        _term(
            "Winkler score",
            "The width of an interval plus a penalty for outcomes outside it, on average. Lower is better.",
            "interval score",
        ),
    )
}


def explain(name: str) -> str:
    """What a word means, for a tooltip."""
    return tr(TERMS[name].text)


def search(words: str) -> tuple[Term, ...]:
    """The terms that match every one of these words, those whose name does first; all of them without a word."""
    matching = [term for term in TERMS.values() if term.matches(words)]
    named = words.lower().strip()
    return tuple(sorted(matching, key=lambda term: (bool(named) and named not in term.name.lower(), term.name.lower())))
