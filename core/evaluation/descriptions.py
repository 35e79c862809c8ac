"""What each score says and which direction is better, for tables of scores."""

from dataclasses import dataclass
from typing import Literal

ARROWS = {"lower": "↓", "higher": "↑", "neither": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One score in a sentence, and whether lower or higher values are better."""

    text: str
    better: Literal["lower", "higher", "neither"]

    @property
    def arrow(self) -> str:
        """↓ where lower is better, ↑ where higher is."""
        return ARROWS[self.better]


def _lower(text: str) -> Description:
    return Description(text=text, better="lower")


def _higher(text: str) -> Description:
    return Description(text=text, better="higher")


SCORES: dict[str, Description] = {
    "mae": _lower("Mean absolute error of the median."),
    "rmse": _lower("Root mean squared error of the mean."),
    "mase": _lower(
        "Mean absolute error of the median in units of that of next = last, one step ahead on the training split."
    ),
    "mse_scaled": _lower("Mean squared error in standard deviations of the training labels."),
    "mae_scaled": _lower("Mean absolute error in standard deviations of the training labels."),
    "r2": _higher("Share of the variance of the outcomes explained, averaged over symbols."),
    "mape": _lower("Mean absolute error as a share of the outcome."),
    "pinball": _lower("Mean pinball loss over nine quantiles, in standard deviations of the training labels."),
    "qlike": _lower("Quasi-likelihood loss of the variance: too low a forecast costs more than too high a one."),
    "brier": _lower("Mean squared error of the probability; ½ everywhere has .25."),
    "hit_rate": _higher("Share of directions that are right; compare it with the more frequent direction's."),
    "log_loss": _lower("Mean negative log likelihood of the outcomes; ½ everywhere has .693."),
    "base_rate": Description(text="Share of rises among the outcomes, whatever was forecast.", better="neither"),
    "auc": _higher("How often a rise had the higher probability than a fall; chance has .5."),
    "matthews": _higher("Matthews correlation of forecast directions with outcomes, −1 to 1; chance has 0."),
    "f1": _higher("Harmonic mean of precision and recall of rises; always up scores high where rises are frequent."),
    "balanced_accuracy": _higher("Mean of the hit rates of rises and of falls; chance has .5."),
    "ic": _higher("Information coefficient: correlation of forecasts with outcomes across symbols, mean over cutoffs."),
    "rank_ic": _higher("The same for ranks: how well each cutoff's forecasts order the symbols; chance has 0."),
    "ic_positive": _higher("Share of cutoffs whose forecasts order the symbols better than chance; chance has .5."),
    "skill": _higher("1 − RMSE / RMSE of the reference."),
}
