"""The sources of the Data page, and how a choice becomes part of the recipe."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from core.data.frame import column_name, columns, symbols
from core.data.sources import samples
from core.data.sources.registry import SOURCES
from core.data.sources.samples import FIELDS, SAMPLES
from core.datasets import levels, row_notes
from core.datasets.panel import observed_times
from core.datasets.windows import resolve
from core.errors import CoreError, words
from core.features import registry
from core.language import tr
from core.spec import Data, Target
from ui import cache, markdown, messages, session
from ui.data import macro, tickers, upload
from ui.jobs import training

Choice = tuple[Data, str | None]


def choose() -> Choice | None:
    """The source, the data chosen from it and the digest of an upload; None until something is. Raises DataError."""
    current = session.recipe().data.source
    source = st.segmented_control(
        tr("Where from"), [*WIDGETS], default=current, format_func=_title, key="source", label_visibility="collapsed"
    )
    return WIDGETS[source or current]()


def _choose_sample() -> Choice:
    before = session.recipe().data
    usual = [name for name in before.symbols if name in SAMPLES] if before.source == "sample" else ["SP500"]
    field = st.pills(tr("Field"), FIELDS, key="sample-field", format_func=tr, label_visibility="collapsed")
    names = [name for name in SAMPLES if field in (None, SAMPLES[name].field)]
    left, right = st.columns(2)
    name = left.selectbox(
        tr("Series"),
        names,
        index=names.index(usual[0]) if usual[0] in names else 0,
        key="sample",
        format_func=_describe,
        help=tr("Type a ticker or a name"),
    )
    with right:
        chosen = (name, *_choose_others(name, usual[1:] if usual[0] == name else []))
    st.caption(markdown.escape(" ".join(dict.fromkeys(tr(SAMPLES[one].text) for one in chosen))))
    _offer_training(chosen)
    return _keep_bounds(Data(source="sample", symbols=chosen), before), None


def _choose_others(name: str, usual: list[str]) -> list[str]:
    """More series that one model learns from together with this one; only those of its interval can fit."""
    others = [one for one, sample in SAMPLES.items() if one != name and sample.interval == SAMPLES[name].interval]
    if not others:
        return []
    return st.multiselect(
        tr("Together with"),
        others,
        default=[one for one in usual if one in others],
        key=f"sample-with-{name}",
        format_func=_describe,
        placeholder=tr("More series for the same model"),
    )


def _keep_bounds(data: Data, before: Data) -> Data:
    """A recipe may use a part of its series; the visitor can ask for all of it."""
    if (before.source, before.symbols) != (data.source, data.symbols) or not (before.start or before.end):
        return data
    span = {"start": before.start, "end": before.end}
    if not before.end:
        label = tr("Only from {start}, as in its recipe", **span)
    elif not before.start:
        label = tr("Only until {end}, as in its recipe", **span)
    else:
        label = tr("Only from {start} until {end}, as in its recipe", **span)
    bounded = st.checkbox(label, value=True, key="sample-bounds")
    return replace(data, start=before.start, end=before.end) if bounded else data


def _offer_training(names: tuple[str, ...]) -> None:
    """One click from a bundled series to a training that suits it."""
    left, right = st.columns([1, 3], vertical_alignment="center")
    if left.button(
        tr("Train its recipe"), type="primary", icon=":material/play_arrow:", width="stretch", key="train-recipe"
    ):
        _train(names)
    aim = tr("Forecasts {forecasts}.", forecasts=tr(SAMPLES[names[0]].forecasts))
    if len(names) == 1:
        effort = tr("It takes less than a minute.")
    else:
        effort = tr("It takes longer for {count} series.", count=len(names))
    right.markdown(markdown.escape(f"{aim} {effort}"))


def _train(names: tuple[str, ...]) -> None:
    spec = samples.recipe(*names)
    try:
        training.start(spec, cache.frame(spec.data, None))
    except CoreError as problem:
        messages.error(problem)
        return
    session.set_recipe(spec)
    st.switch_page("pages/train.py")


def _describe(name: str) -> str:
    sample = SAMPLES[name]
    missing = "" if sample.package.installed else tr(", not installed")
    title = name if name == sample.title else f"{name} — {tr(sample.title)}"
    return f"{title} ({tr(sample.field)}, {tr(sample.interval)}{missing})"


def _without_upload(choose: Callable[[], Data | None]) -> Callable[[], Choice | None]:
    def choice() -> Choice | None:
        data = choose()
        return None if data is None else (data, None)

    return choice


WIDGETS: dict[str, Callable[[], Choice | None]] = {  # of each source on the screen
    "sample": _choose_sample,
    "yahoo": _without_upload(partial(tickers.choose, tickers.YAHOO)),
    "krx": _without_upload(partial(tickers.choose, tickers.KRX)),
    "fred": _without_upload(macro.choose),
    "file": upload.choose,
}


def _title(source: str) -> str:
    return tr(SOURCES[source].title)


def keep(data: Data, digest: str | None, series: pd.DataFrame) -> None:
    """Make this the data of the recipe; another series starts with the target that suits it."""
    spec, same_upload = session.recipe(), digest in (None, session.upload())
    if digest:
        session.set_upload(digest)
    st.session_state["joined-recipe"] = list(data.join)  # read by ui.data.covariates
    data = replace(data, symbols=symbols(series))
    if spec.data == data and same_upload:
        return
    names = columns(series)
    if same_upload and replace(spec.data, join=(), calendar=None) == replace(data, join=(), calendar=None):
        session.set_recipe(replace(spec, data=data, features=_features(spec.features, names)))
        return
    sample = SAMPLES.get(data.symbols[0]) if data.source == "sample" else None
    column = sample.target if sample else names[0]
    priced = "close" in names and len(names) > 1 and column in ("close", names[0])
    target = Target() if priced else Target(kind="column", column=column, horizon=5)
    if data.source == "file":
        target = levels.suggest_target(series, column_name(upload.target() or names[0]), data.known_future)
    session.set_recipe(replace(spec, data=data, target=target, features=()))


def describe(series: pd.DataFrame) -> tuple[list[str], pd.DataFrame]:
    """What the recipe makes of the rows and columns of its data, in sentences, and the rows up to the last outcome."""
    try:
        spec = resolve(session.recipe(), series)
        return row_notes.describe(spec, series), series.loc[observed_times(spec, series)]
    except CoreError as problem:  # a feature or a target of the recipe that these data do not have
        return [words(problem)], series


def _features(before: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """The features chosen before, plus the default ones of newly joined columns, minus those of removed columns; none
    stays none, which means the default ones."""
    parameters = {text: registry.parse(text)[1] for text in before}
    still = [text for text, column in parameters.items() if not isinstance(column, str) or column in names]
    new = [text for name in names if name not in parameters.values() for text in registry.covariate_defaults(name)]
    return (*still, *new) if before else ()
