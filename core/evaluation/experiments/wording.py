"""Whether the evidence of the best of many experiments stands, in words."""

import math

from core.baselines.registry import phrase
from core.evaluation.experiments.record import Experiment
from core.evaluation.verdict import SIGNIFICANT, format_p_value
from core.language import message, message_n


def describe_best(best: Experiment, experiments: int, compared: int, p_value: float) -> list[str]:
    """Whether the evidence of the best experiment stands, alone and among all, and what is left out."""
    p_alone = format_p_value(best.p_value)
    alone = message(
        "The best of {experiments} experiments has {p_value} alone", experiments=experiments, p_value=p_alone
    )
    share = message("less than 1 %") if p_value < 0.01 else _percent(p_value)
    luck = message(
        "among {compared} experiments luck gives as much in {share} of cases (SPA {p_value})",
        compared=compared,
        share=share,
        p_value=format_p_value(p_value),
    )
    rest = experiments - compared
    left_out = (
        message_n(
            "{rest} of them was judged on other cutoffs and left out.",
            "{rest} of them were judged on other cutoffs and left out.",
            rest,
            rest=rest,
        )
        if rest
        else ""
    )
    if best.p_value >= SIGNIFICANT or not best.skill > 0:
        verdict = message("{alone}, which is no evidence; {luck}.", alone=alone, luck=luck)
    elif p_value >= SIGNIFICANT:
        verdict = message("{alone}; {luck}: no evidence.", alone=alone, luck=luck)
    else:
        reference = phrase(best.reference)
        verdict = message(
            "{alone}, and {luck}: the evidence over {reference} holds.", alone=alone, luck=luck, reference=reference
        )
    return [verdict, left_out]


def describe_deflated(deflated: float, count: int, independent: float) -> str:
    """The deflated Sharpe ratio of `count` experiments, worth as many independent ones; empty for NaN."""
    if math.isnan(deflated):
        return ""
    worth = (
        ""
        if round(independent) >= count
        else message(", worth {independent} independent ones", independent=f"{independent:.0f}")
    )
    return message(
        "The largest Sharpe ratio of trading the forecasts' signs, deflated by {count} experiments{worth}, is above "
        "zero with a probability of {percent}.",
        count=count,
        worth=worth,
        percent=_percent(deflated),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
