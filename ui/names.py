"""What things are called on the screen: the titles of their records in place of their code names."""

from functools import lru_cache
from pathlib import Path

from core.data.quality import step_noun
from core.datasets.targets import TARGETS
from core.errors import CoreError
from core.evaluation.verdict import join_words
from core.language import tr
from core.report.names import (
    are_prices,
    baseline,
    choice,
    contribution_unit,
    evaluation,
    feature,
    feature_names,
    features_of,
    lower,
    model,
    of_run,
    recipe,
    setting,
    span,
    step,
    step_of,
    steps_ahead,
    target,
    title_ahead,
    unit,
)
from core.spec import Spec
from core.storage import runs
from ui import cache, markdown

__all__ = [
    "aim",
    "are_prices",
    "baseline",
    "choice",
    "code",
    "contribution_unit",
    "evaluation",
    "feature",
    "feature_names",
    "features_of",
    "lower",
    "model",
    "of_run",
    "recipe",
    "setting",
    "short",
    "span",
    "step",
    "step_of",
    "steps_ahead",
    "summary",
    "target",
    "title_ahead",
    "unit",
    "with_code",
]


def code(text: str) -> str:
    """The code name of a feature, as Markdown."""
    return markdown.escape(text) if "`" in text else f"`{text}`"


def with_code(text: str, step: str = "step") -> str:
    """The name of a feature and its code name, as Markdown."""
    name = feature(text, step)
    return code(text) if name == text else f"{markdown.escape(name)} {code(text)}"


def short(spec: Spec) -> str:
    """LSTM on SP500; of many symbols the first and how many there are beyond them."""
    return tr("{model} on {series}", model=model(spec.model.kind), series=join_words(list(spec.data.symbols)))


def summary(line: runs.Summary) -> str:
    """The same of a line in the list of runs, which does not hold the whole recipe."""
    aim = line.target
    by_column = aim in TARGETS and TARGETS[aim].named_by_column
    priced = are_prices(line.source, line.symbols, (line.column or "close",))
    words, series = line.column if by_column else lower(target(aim, priced)), ", ".join(line.symbols)
    step = _step_of_saved(line.id, cache.RUNS)
    if not words:
        return title_ahead(tr("{model} on {series}", model=model(line.model), series=series), line.horizon, step)
    ahead = title_ahead(words, line.horizon, step)
    return tr("{model} on {series}: {aim}", model=model(line.model), series=series, aim=ahead)


def aim(line: runs.Summary) -> str:
    """What a line in the list of runs forecasts: Realised volatility, or the name of a column of its own."""
    by_column = line.target in TARGETS and TARGETS[line.target].named_by_column
    priced = are_prices(line.source, line.symbols, (line.column or "close",))
    return line.column if by_column and line.column else target(line.target, priced)


@lru_cache(maxsize=512)
def _step_of_saved(run_id: str, root: Path) -> str:
    """What a step of the series of a saved run is called; a run keeps its series for ever."""
    try:
        return step_noun(runs.load_times(run_id, root))
    except CoreError:  # deleted or damaged since
        return "step"
