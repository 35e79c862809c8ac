"""The ways to bring a series onto the Data page, and what is kept of the choice."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.data.frame import columns, symbols
from core.data.sources import samples
from core.data.sources.samples import FIELDS, SAMPLES
from core.errors import CoreError
from core.features import registry
from core.spec import Data, Target
from ui import cache, charts, session
from ui.data import tickers, upload

NAMES = ("Bundled", "Ticker", "File")
BY_SOURCE = {"sample": "Bundled", "yahoo": "Ticker", "file": "File"}
Choice = tuple[Data, str | None]


def current() -> str:
    return BY_SOURCE[session.recipe().data.source]


def choose(place: str) -> Choice | None:
    """The data chosen by this way and the digest of an upload; None while nothing is. Raises DataError."""
    return {"Bundled": _bundled, "Ticker": _ticker, "File": upload.choose}[place]()


def _bundled() -> Choice:
    was = session.recipe().data
    usual = [name for name in was.symbols if name in SAMPLES] if was.source == "sample" else ["SP500"]
    left, right = st.columns([2, 3])
    field = left.pills("Field", FIELDS, key="sample-field", help="Show the series of one field only")
    names = [name for name in SAMPLES if field in (None, SAMPLES[name].field)]
    name = right.selectbox(
        "Series", names, index=names.index(usual[0]) if usual[0] in names else 0, key="sample", format_func=_described
    )
    st.caption(charts.plain(SAMPLES[name].text))
    _offer(name)
    return _bounded(Data(source="sample", symbols=(name,)), was), None


def _bounded(data: Data, was: Data) -> Data:
    """A recipe may use a part of its series: it stays so until the whole is asked for."""
    if (was.source, was.symbols) != (data.source, data.symbols) or not (was.start or was.end):
        return data
    span = " ".join(f"{word} {day}" for word, day in (("from", was.start), ("until", was.end)) if day)
    kept = st.checkbox(f"Only {span}, as in its recipe", value=True, key="sample-bounds")
    return replace(data, start=was.start, end=was.end) if kept else data


def _offer(name: str) -> None:
    """One click from a bundled series to a training that suits it."""
    job = session.job_id()
    busy = job is not None and not cache.queue().job(job).over
    left, right = st.columns([1, 3], vertical_alignment="center")
    if left.button(
        "Train its recipe",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=busy,
        key="train-recipe",
    ):
        _train(name)
    right.markdown(
        charts.plain(
            f"Forecasts {SAMPLES[name].forecasts}. It takes less than a minute."
            + (" Another training is under way." if busy else "")
        )
    )


def _train(name: str) -> None:
    spec = samples.recipe(name)
    try:
        job = cache.train(spec, cache.frame(spec.data, None))
    except CoreError as problem:
        charts.error(problem)
        return
    session.set_recipe(spec)
    session.set_job(job)
    st.switch_page("pages/train.py")


def _described(name: str) -> str:
    sample = SAMPLES[name]
    return f"{sample.title} ({sample.field}, {sample.interval})"


def _ticker() -> Choice | None:
    data = tickers.choose()
    return None if data is None else (data, None)


def keep(data: Data, digest: str | None, series: pd.DataFrame) -> None:
    """Make this the data of the recipe; another series starts from the target that suits it."""
    was, before = session.recipe(), session.upload()
    if digest:
        session.set_upload(digest)
    st.session_state["joined-recipe"] = list(data.join)  # chosen here: see ui.data.covariates
    data = replace(data, symbols=symbols(series))
    if was.data == data and digest in (None, before):
        return
    names = columns(series)
    if digest in (None, before) and replace(was.data, join=()) == replace(data, join=()):
        session.set_recipe(replace(was, data=data, features=_features(was.features, names)))
        return
    sample = SAMPLES.get(data.symbols[0]) if data.source == "sample" else None
    column = sample.target if sample else (upload.target() if data.source == "file" else None) or names[0]
    priced = "close" in names and len(names) > 1 and column in ("close", names[0])
    target = Target() if priced else Target(kind="column", column=column, horizon=5)
    session.set_recipe(replace(was, data=data, target=target, features=()))


def _features(was: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """The features chosen before, with the usual ones of columns that were joined and without those of columns that
    are gone; none stays none, which means the defaults."""
    parameters = {text: registry.parse(text)[1] for text in was}
    kept = [text for text, column in parameters.items() if not isinstance(column, str) or column in names]
    new = [text for name in names if name not in parameters.values() for text in registry.covariate_defaults(name)]
    return (*kept, *new) if was else ()
