"""Refusals of features whose inputs do not suit them."""

from core.errors import FeatureError
from core.features.feature import Values
from core.language import message


def check_rows(text: str, rows: int, count: int) -> None:
    """Raise FeatureError if a feature needs more rows with values than there are."""
    if count <= rows:
        raise FeatureError(
            message(
                "{text} needs at least {least} rows with values; got {count}. Load more history or shorten its "
                "parameter.",
                text=text,
                least=rows + 1,
                count=count,
            )
        )


def check_signs(text: str, values: Values, source: str, *, positive: bool, volume: bool) -> None:
    """Raise FeatureError for values that a logarithm or a ratio does not take."""
    bad = values <= 0.0 if positive else values < 0.0
    if not (positive or volume) or not bad.any():
        return
    first = values[bad].index[0]
    raise FeatureError(
        message(
            "{text} takes a logarithm or a ratio, and {source} has {count} values {sign} (first {value} at {first}). "
            "Use change:{source} or column:{source} instead.",
            text=text,
            source=source,
            count=int(bad.sum()),
            sign="<= 0" if positive else "< 0",
            value=f"{values[first]:g}",
            first=first,
        )
    )
