"""The recipe: its JSON, its name, its paths, and what it refuses."""

import dataclasses
import json
import pickle
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import spec
from core.errors import SpecError
from core.spec import Spec, convert, fields


def test_json_gives_the_same_recipe_back() -> None:
    made = spec.with_values(
        Spec(),
        {
            "model.hidden": 32,
            "features": ["rsi:14", "return"],
            "split.train": 500,
            "split.test": "2015-12-31",
            "target.column": "OT",
            "split.gap": 4,
        },
    )
    assert spec.from_dict(json.loads(spec.canonical(made))) == made
    assert spec.from_dict(spec.to_dict(made)) == made
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 — a recipe is what goes into a job


def test_what_is_missing_takes_its_default() -> None:
    assert spec.from_dict({}) == Spec()
    assert spec.from_dict({"model": {"hidden": 8}}) == spec.with_values(Spec(), {"model.hidden": 8})


def test_the_name_follows_the_recipe_alone() -> None:
    assert Spec().id == Spec().id == spec.from_dict({}).id
    assert len(Spec().id) == 12 and int(Spec().id, 16) >= 0
    names = {Spec().id, *(spec.with_values(Spec(), {path: value}).id for path, value in CHANGES.items())}
    assert len(names) == len(CHANGES) + 1


CHANGES: dict[str, Any] = {
    "data.source": "file",
    "data.symbols": ["X"],
    "data.start": "2001-01-01",
    "data.end": "2002-01-01",
    "data.interval": "1h",
    "data.join": ["sample:WTI@1"],
    "data.known_future": ["plan"],
    "target.kind": "close",
    "target.column": "open",
    "target.horizon": 6,
    "target.dead_zone": 0.01,
    "window.log": True,
    "window.outliers": "winsorize",
    "features": ["return"],
    "window.lookback": 61,
    "window.min_length": 20,
    "window.scaling": "robust",
    "split.train": 100,
    "split.val": 50,
    "split.calib": 51,
    "split.test": 52,
    "split.gap": 9,
    "model.kind": "gru",
    "model.hidden": 33,
    "model.layers": 2,
    "model.dropout": 0.11,
    "model.bidirectional": True,
    "model.pooling": "mean",
    "model.norm_layer": "layer",
    "model.residual": True,
    "model.heads": 2,
    "model.segment": 9,
    "model.norm": "none",
    "model.head": "gaussian",
    "model.symbols": "embedded",
    "train.epochs": 41,
    "train.batch_size": 65,
    "train.learning_rate": 0.5,
    "train.weight_decay": 0.5,
    "train.scale_learning_rate": True,
    "train.optimizer": "sgd",
    "train.schedule": "constant",
    "train.warmup": 3,
    "train.ensemble": 2,
    "train.precision": "bf16",
    "train.clip_norm": 2.0,
    "train.patience": 9,
    "train.supervision": "window",
    "train.device": "cpu",
    "bands.coverage": 0.8,
    "bands.window": 499,
    "bands.method": "cqr",
    "bands.joint": True,
    "baselines.slow": True,
    "seed": 1,
    "allow_lookahead": True,
}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"target.kind": "volatility", "bands.method": "garch"}, "target volatility is neither"),
        ({"target.kind": "max_drawdown", "bands.method": "garch_conformal"}, "Set bands.method to auto"),
        ({"target.kind": "close", "bands.method": "gaussian"}, "this recipe has the quantiles head"),
        ({"target.kind": "direction", "bands.method": "cqr"}, "a direction has none"),
        ({"target.kind": "direction", "bands.joint": True}, "bands.joint .* direction has none"),
        ({"target.kind": "close", "bands.method": "historical", "bands.joint": True}, "historical uses no past errors"),
    ],
)
def test_a_band_that_the_target_cannot_have_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        spec.with_values(Spec(), settings)


def test_every_entry_can_be_set_by_its_path() -> None:
    assert {*spec.paths()} - {*CHANGES} <= {"train.loss", "train.class_weights"}  # see below
    for path, value in CHANGES.items():
        values: Any = spec.to_dict(spec.with_values(Spec(), {path: value}))
        for part in path.split("."):
            values = values[part]
        assert values == value, path


def test_text_of_a_command_line_sets_the_same() -> None:
    made = spec.assign(
        Spec(),
        [
            "window.lookback=96",
            "target.kind=column",
            "target.column=OT",
            "target.horizon=24",
            "split.train=8640",
            "split.calib=0",
            "split.test=0.5",
            "features=column:OT,rsi:14",
            "data.symbols=AAPL,IBM",
            "split.gap=none",
            "split.val=2015-01-01",
            "data.start=",
        ],
    )
    assert (made.window.lookback, made.target.column, made.target.horizon) == (96, "OT", 24)
    assert (made.split.train, made.split.calib, made.split.test, made.split.val) == (8640, 0, 0.5, "2015-01-01")
    assert (made.features, made.data.symbols) == (("column:OT", "rsi:14"), ("AAPL", "IBM"))
    assert (made.split.gap, made.data.start) == (None, None)
    assert spec.assign(Spec(), ["model.pooling=mean", "train.supervision=window"]).model.pooling == "mean"


@pytest.mark.parametrize("text", ["window.lookback", "lookback=3", "model=lstm", "model.hiden=3", "=3", "window.=2"])
def test_a_text_that_is_no_setting_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(SpecError, match=r"is not a setting.*window\.lookback"):
        spec.assign(Spec(), [text])


@pytest.mark.parametrize("values", [{"colour": 1}, {"model": {"colour": 1}}])
def test_an_unknown_entry_is_refused_with_the_known_ones(values: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"has no entry 'colour'\. Known: "):
        spec.from_dict(values)


@pytest.mark.parametrize("values", [[], "x", {"model": 3}, {"model": None}, {"split": []}])
def test_what_is_no_object_is_refused(values: Any) -> None:
    with pytest.raises(SpecError, match="takes an object with named entries"):
        spec.from_dict(values)


@pytest.mark.parametrize("path", ["model", "model.hidden.x", "x.y", ""])
def test_an_unknown_path_is_refused(path: str) -> None:
    with pytest.raises(SpecError, match="There is no"):
        spec.with_values(Spec(), {path: 1})


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(SpecError, match="symbols is empty"):
        spec.with_values(Spec(), {"data.symbols": []})
    with pytest.raises(SpecError, match=r"needs target\.column"):
        spec.with_values(Spec(), {"target.kind": "column"})
    with pytest.raises(SpecError, match="Mean pooling"):
        spec.with_values(Spec(), {"model.pooling": "mean", "train.supervision": "every_step"})


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"window.min_length": 61}, r"min_length \(61\) is longer than the window \(60 rows\).*at most 60"),
        (
            {"window.min_length": 5, "model.kind": "segment"},
            "segment model needs full windows.*to one of lstm, gru, rnn",
        ),
        ({"window.min_length": 5, "model.kind": "nlinear"}, "nlinear model .* windows of 5 rows.* to none"),
        ({"window.min_length": 1}, "must lie between 2 and 1000"),
    ],
)
def test_short_windows_that_cannot_be_are_refused(values: dict[str, Any], says: str) -> None:
    assert spec.with_values(Spec(), {"window.min_length": 60, "model.kind": "transformer"}).window.min_length == 60
    with pytest.raises(SpecError, match=says):
        spec.with_values(Spec(), values)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            {"train.loss": "mse"},
            "mse applies to the point head only; this recipe has the quantiles head.*model.head to point",
        ),
        (
            {"train.loss": "mae", "target.kind": "direction", "model.head": "point"},
            "class probability head.*loss to auto",
        ),
        ({"train.class_weights": True}, "target volatility has no classes"),
    ],
)
def test_a_training_that_fits_neither_head_nor_target_is_refused(values: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        spec.with_values(Spec(), values)


def test_a_training_that_fits_its_head_or_target_is_taken() -> None:
    assert spec.with_values(Spec(), {"train.loss": "huber", "model.head": "point"}).train.loss == "huber"
    assert spec.with_values(Spec(), {"train.class_weights": True, "target.kind": "direction"}).train.class_weights


def numeric() -> list[tuple[str, fields.Field, Any]]:
    """Every bounded number of the recipe: path, knob and the kind of number."""
    found = []
    for f in dataclasses.fields(Spec):
        part = getattr(Spec(), f.name)
        for name, k in fields.fields_of(part) if dataclasses.is_dataclass(part) else ():
            hint = get_type_hints(type(part))[name]
            if hint in (int, float):
                found.append((f"{f.name}.{name}", k, hint))
    return found


def test_every_number_has_a_range_and_every_knob_a_label() -> None:
    assert len(numeric()) > 10
    assert [path for path, k, _ in numeric() if k.low is None or k.high is None or not k.label] == []
    assert [path for path, k, _ in numeric() if k.scale == "log" and not k.low] == []
    assert {k.scale for _, k, _ in numeric()} == {"linear", "log"}


@given(st.sampled_from(numeric()), st.floats(1e-3, 1e6), st.booleans())
def test_a_hyper_parameter_out_of_range_is_refused_with_the_range(
    entry: tuple[str, fields.Field, Any], beyond: float, above: bool
) -> None:
    path, k, kind = entry
    assert k.low is not None and k.high is not None
    value = k.high + beyond if above else k.low - beyond
    value = int(value + 1 if above else value - 1) if kind is int else float(value)
    with pytest.raises(SpecError, match=f"{path} .* must lie between {k.low:g} and ".replace("+", r"\+")):
        spec.with_values(Spec(), {path: value})


@given(st.sampled_from(numeric()), st.booleans())
def test_the_ends_of_every_range_are_allowed(entry: tuple[str, fields.Field, Any], above: bool) -> None:
    path, k, kind = entry
    value = kind(k.high if above else k.low)
    assert spec.from_dict(spec.to_dict(spec.with_values(Spec(), {path: value}))).id


def test_a_recipe_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Spec().seed = 3  # type: ignore[misc]
    assert not hasattr(Spec(), "__dict__")
    assert hash(Spec()) == hash(Spec())


OLD = {
    "data.known": ("plan", ["plan"]),
    "window.shortest": ("20", 20),
    "model.between": ("layer", "layer"),
    "train.tied": ("true", True),
    "override": ("true", True),
}


@pytest.mark.parametrize("path", OLD)
def test_old_names_of_fields_keep_working(path: str) -> None:
    text, value = OLD[path]
    now = convert.RENAMED[path]
    wanted = spec.with_values(Spec(), {now: value})
    assert wanted != Spec()
    assert spec.with_values(Spec(), {path: value}) == spec.assign(Spec(), [f"{path}={text}"]) == wanted
    *parents, leaf = path.split(".")
    values = {parents[0]: {leaf: value}} if parents else {leaf: value}
    assert spec.from_dict(values) == wanted
    twice = {parents[0]: {leaf: value, now.split(".")[-1]: value}} if parents else {leaf: value, now: value}
    with pytest.raises(SpecError, match=f"'{leaf}' under its old and its new name"):
        spec.from_dict(twice)
