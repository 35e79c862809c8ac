"""Sentence fragments that the captions of explanations share."""

from core.charts import text
from core.language import tr

NEGLIGIBLE = 0.1  # rank correlation between value and contribution; below, high values neither raise nor lower


def effect(contribution: float, unit: str) -> str:
    """What a contribution does to a forecast: raising it by 3 % a year, lowering it by 0.5."""
    return (
        tr("raising it by {contribution}", contribution=text.amount(abs(contribution), unit))
        if contribution > 0
        else tr("lowering it by {contribution}", contribution=text.amount(abs(contribution), unit))
    )


def format_correlation(value: float) -> str:
    """(rank correlation −0.9)."""
    return tr("(rank correlation {value})", value=text.number(round(value, 2)))


def omitted(count: int) -> str:
    """A sentence, with a space before it, on the features that a chart leaves out; empty for none."""
    if not count:
        return ""
    return (
        tr(" {features} is not drawn.", features=text.pluralize(count, "less important feature"))
        if count == 1
        else tr(" {features} are not drawn.", features=text.pluralize(count, "less important feature"))
    )
