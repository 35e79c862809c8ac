"""The recipe: its JSON, its id, its paths, and the combinations that it rejects."""

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


def test_a_recipe_survives_json_and_pickle() -> None:
    recipe = spec.with_values(
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
    assert spec.from_dict(json.loads(spec.canonical(recipe))) == recipe
    assert spec.from_dict(spec.to_dict(recipe)) == recipe
    assert pickle.loads(pickle.dumps(recipe)) == recipe  # noqa: S301 — recipes are sent to jobs


def test_missing_entries_take_their_defaults() -> None:
    assert spec.from_dict({}) == Spec()
    assert spec.from_dict({"model": {"hidden": 8}}) == spec.with_values(Spec(), {"model.hidden": 8})


def test_the_id_depends_on_every_entry_and_on_nothing_else() -> None:
    assert Spec().id == Spec().id == spec.from_dict({}).id
    assert len(Spec().id) == 12 and int(Spec().id, 16) >= 0
    ids = {Spec().id, *(spec.with_values(Spec(), {path: value}).id for path, value in CHANGES.items())}
    assert len(ids) == len(CHANGES) + 1


CHANGES: dict[str, Any] = {
    "data.source": "file",
    "data.symbols": ["X"],
    "data.start": "2001-01-01",
    "data.end": "2002-01-01",
    "data.interval": "1h",
    "data.join": ["sample:WTI@1"],
    "data.known_future": ["plan"],
    "data.calendar": "XKRX",
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
    "model.combine": False,
    "model.symbols": "embedded",
    "train.steps": 1501,
    "train.epochs": 41,
    "train.batch_size": 65,
    "train.learning_rate": 0.5,
    "train.weight_decay": 0.5,
    "train.scale_learning_rate": True,
    "train.optimizer": "sgd",
    "train.schedule": "constant",
    "train.warmup": 3,
    "train.averaging": 0.5,
    "train.member_settings": ["model.hidden=32 train.learning_rate=0.01", "model.layers=2"],
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
    "baselines.pretrained": True,
    "seed": 1,
    "allow_lookahead": True,
}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target.kind": "volatility", "bands.method": "garch"}, "target volatility is neither"),
        ({"target.kind": "max_drawdown", "bands.method": "garch_conformal"}, "Set bands.method to auto"),
        ({"target.kind": "close", "bands.method": "gaussian"}, "this recipe has the quantiles head"),
        ({"target.kind": "direction", "bands.method": "cqr"}, "a direction has none"),
        ({"target.kind": "direction", "bands.joint": True}, "bands.joint .* direction has none"),
        ({"target.kind": "close", "bands.method": "historical", "bands.joint": True}, "historical uses no past errors"),
    ],
)
def test_intervals_that_the_target_cannot_have_are_rejected(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        spec.with_values(Spec(), settings)


def test_every_entry_can_be_set_by_its_path() -> None:
    assert {*spec.paths()} - {*CHANGES} <= {"train.loss", "train.class_weights"}  # see below
    for path, value in CHANGES.items():
        values: Any = spec.to_dict(spec.with_values(Spec(), {path: value}))
        for key in path.split("."):
            values = values[key]
        assert values == value, path


def test_command_line_assignments_set_the_same_entries() -> None:
    recipe = spec.assign(
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
    assert (recipe.window.lookback, recipe.target.column, recipe.target.horizon) == (96, "OT", 24)
    split = recipe.split
    assert (split.train, split.calib, split.test, split.val) == (8640, 0, 0.5, "2015-01-01")
    assert (recipe.features, recipe.data.symbols) == (("column:OT", "rsi:14"), ("AAPL", "IBM"))
    assert (recipe.split.gap, recipe.data.start) == (None, None)
    assert spec.assign(Spec(), ["model.pooling=mean", "train.supervision=window"]).model.pooling == "mean"


@pytest.mark.parametrize("text", ["window.lookback", "lookback=3", "model=lstm", "model.hiden=3", "=3", "window.=2"])
def test_unknown_assignments_are_rejected_with_the_known_settings(text: str) -> None:
    with pytest.raises(SpecError, match=r"is not a setting.*window\.lookback"):
        spec.assign(Spec(), [text])


@pytest.mark.parametrize("values", [{"colour": 1}, {"model": {"colour": 1}}])
def test_unknown_entries_are_rejected_with_the_known_ones(values: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"has no entry 'colour'\. Known: "):
        spec.from_dict(values)


@pytest.mark.parametrize("values", [[], "x", {"model": 3}, {"model": None}, {"split": []}])
def test_values_that_are_no_object_are_rejected(values: Any) -> None:
    with pytest.raises(SpecError, match="takes an object with named entries"):
        spec.from_dict(values)


@pytest.mark.parametrize("path", ["model", "model.hidden.x", "x.y", ""])
def test_unknown_paths_are_rejected(path: str) -> None:
    with pytest.raises(SpecError, match="There is no"):
        spec.with_values(Spec(), {path: 1})


def test_contradictory_entries_are_rejected() -> None:
    with pytest.raises(SpecError, match="symbols is empty"):
        spec.with_values(Spec(), {"data.symbols": []})
    with pytest.raises(SpecError, match=r"needs target\.column"):
        spec.with_values(Spec(), {"target.kind": "column"})
    with pytest.raises(SpecError, match="Mean pooling"):
        spec.with_values(Spec(), {"model.pooling": "mean", "train.supervision": "every_step"})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"window.lookback": 60, "window.min_length": 61},
            r"min_length \(61\) is longer than the window \(60 rows\).*at most 60",
        ),
        (
            {"window.min_length": 5, "model.kind": "segment"},
            "segment model needs full windows.*to one of lstm, gru, rnn",
        ),
        ({"window.min_length": 5, "model.kind": "nlinear"}, "nlinear model .* windows of 5 rows.* to none"),
        ({"window.min_length": 1}, "must lie between 2 and 1000"),
        ({"window.lookback": 1}, "window.lookback takes 0, .* or at least 2; got 1"),
    ],
)
def test_short_windows_that_the_model_cannot_use_are_rejected(values: dict[str, Any], message: str) -> None:
    assert spec.with_values(Spec(), {"window.min_length": 60, "model.kind": "transformer"}).window.min_length == 60
    with pytest.raises(SpecError, match=message):
        spec.with_values(Spec(), values)


@pytest.mark.parametrize(
    ("values", "message"),
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
def test_training_settings_that_do_not_fit_head_or_target_are_rejected(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        spec.with_values(Spec(), values)


def test_training_settings_that_fit_head_or_target_are_accepted() -> None:
    assert spec.with_values(Spec(), {"train.loss": "huber", "model.head": "point"}).train.loss == "huber"
    assert spec.with_values(Spec(), {"train.class_weights": True, "target.kind": "direction"}).train.class_weights


def numeric() -> list[tuple[str, fields.Field, Any]]:
    """Every number of the recipe: path, field and type."""
    entries = []
    for f in dataclasses.fields(Spec):
        section = getattr(Spec(), f.name)
        for name, field in fields.fields_of(section) if dataclasses.is_dataclass(section) else ():
            hint = get_type_hints(type(section))[name]
            if hint in (int, float):
                entries.append((f"{f.name}.{name}", field, hint))
    return entries


def test_every_number_has_a_range_and_a_label() -> None:
    assert len(numeric()) > 10
    entries = numeric()
    assert [path for path, field, _ in entries if field.low is None or field.high is None or not field.label] == []
    assert [path for path, field, _ in entries if field.scale == "log" and not field.low] == []
    assert {field.scale for _, field, _ in entries} == {"linear", "log"}


@given(st.sampled_from(numeric()), st.floats(1e-3, 1e6), st.booleans())
def test_numbers_out_of_range_are_rejected_with_the_range(
    entry: tuple[str, fields.Field, Any], beyond: float, above: bool
) -> None:
    path, field, kind = entry
    assert field.low is not None and field.high is not None
    value = field.high + beyond if above else field.low - beyond
    value = int(value + 1 if above else value - 1) if kind is int else float(value)
    with pytest.raises(SpecError, match=f"{path} .* between {field.low:g} and ".replace("+", r"\+")):
        spec.with_values(Spec(), {path: value})


@given(st.sampled_from(numeric()), st.booleans())
def test_the_bounds_of_every_range_are_accepted(entry: tuple[str, fields.Field, Any], above: bool) -> None:
    path, field, kind = entry
    value = kind(field.high if above else field.low)
    assert spec.from_dict(spec.to_dict(spec.with_values(Spec(), {path: value}))).id


def test_a_recipe_is_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Spec().seed = 3  # type: ignore[misc]
    assert not hasattr(Spec(), "__dict__")
    assert hash(Spec()) == hash(Spec())


OLD_NAMES = {
    "data.known": ("plan", ["plan"]),
    "window.shortest": ("20", 20),
    "model.between": ("layer", "layer"),
    "train.tied": ("true", True),
    "override": ("true", True),
}


@pytest.mark.parametrize("path", OLD_NAMES)
def test_old_names_of_fields_keep_working(path: str) -> None:
    text, value = OLD_NAMES[path]
    new_path = convert.RENAMED[path]
    expected = spec.with_values(Spec(), {new_path: value})
    assert expected != Spec()
    assert spec.with_values(Spec(), {path: value}) == spec.assign(Spec(), [f"{path}={text}"]) == expected
    *parents, leaf = path.split(".")
    values = {parents[0]: {leaf: value}} if parents else {leaf: value}
    assert spec.from_dict(values) == expected
    both = {parents[0]: {leaf: value, new_path.split(".")[-1]: value}} if parents else {leaf: value, new_path: value}
    with pytest.raises(SpecError, match=f"'{leaf}' under its old and its new name"):
        spec.from_dict(both)
