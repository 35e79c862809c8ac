"""Every example of docs/extending.md works: the toy trains end to end and appears wherever the real ones do."""

import json
import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import __main__ as cli
from core.baselines.registry import BASELINES
from core.cli import inputs
from core.data.sources.registry import SOURCES
from core.data.sources.samples import SAMPLES
from core.datasets.targets import TARGETS
from core.features.registry import CATALOGUE
from core.intervals.methods import METHODS
from core.models.kinds import MODELS
from core.spec import Data, Spec
from core.storage import runs
from core.types import Run
from docs import build_reference
from tests.pages.conftest import ROOT, IdleQueue, checked, opened, owner, press, turn
from ui import cache, layout
from ui.data.sources import WIDGETS
from ui.train.settings import MORE

REGISTRIES: tuple[dict[str, Any], ...] = (BASELINES, CATALOGUE, METHODS, MODELS, SAMPLES, SOURCES, TARGETS, WIDGETS)
PAGE = (ROOT / "docs" / "extending.md").read_text()
EXAMPLES = {
    section.partition("\n")[0]: re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    for section in PAGE.split("\n## ")[1:]
}
TINY = ["window.lookback=8", "model.hidden=4", "train.epochs=1", "train.device=cpu", "data.symbols=SP500"]
TINY += ["data.start=2015-01-01"]


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Registries and menu that are as before after each test."""
    before = [dict(registry) for registry in REGISTRIES]
    monkeypatch.setattr(layout, "MENU", layout.MENU)
    monkeypatch.setattr(inputs, "CACHE", tmp_path / "cache")
    yield
    for registry, records in zip(REGISTRIES, before, strict=True):
        registry.clear()
        registry.update(records)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """Execute the blocks of a section, one after the other, as one module."""

    def execute(section: str) -> dict[str, Any]:
        module = types.ModuleType("example")
        monkeypatch.setitem(sys.modules, "example", module)
        for block in EXAMPLES[section]:
            exec(block, module.__dict__)
        return module.__dict__

    return execute


@pytest.fixture
def run_cli(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run a command and return its JSON."""

    def call(*arguments: str) -> dict[str, Any]:
        code = cli.main([*arguments, "--runs", str(tmp_path / "cli-runs"), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return call


def listed(run_cli: Callable[..., dict[str, Any]], catalogue: str) -> set[str]:
    """The names that `python -m core CATALOGUE` lists; the reference page lists the same."""
    names = {item["name"] for item in run_cli(catalogue)[catalogue]}
    section = build_reference.registries_page().partition(f"## {catalogue.capitalize()}\n")[2].partition("\n## ")[0]
    assert names == set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))
    return names


def choices(path: str) -> str:
    """The values that the reference page of the recipe gives for a field."""
    return re.search(rf"^\| `{re.escape(path)}` \|.*$", build_reference.recipe_page(), re.MULTILINE)[0]  # type: ignore[index]


def submitted(queue: IdleQueue) -> Spec:
    """The recipe of the last training that the form submitted."""
    (_, spec, *_), _ = queue.submitted[-1]
    return spec


def test_every_section_has_an_example() -> None:
    links = re.findall(r"\]\(#([\w-]+)\)", PAGE)
    assert links == [name.lower().replace(" ", "-") for name in EXAMPLES]
    assert all(EXAMPLES.values())


def test_a_model(register, run_cli, idle) -> None:
    register("A model")
    result = run_cli("run", "--set", *TINY, "model.kind=average")
    assert result["model"] == "average" and np.isfinite(result["scores"]["average"]["rmse"])
    assert result["history"]["epochs"] == 1
    assert "average" in listed(run_cli, "models") and "`average`" in choices("model.kind")
    app = opened("train")
    app.selectbox(key="field-model.kind").set_value("average").run()
    assert "hidden" in "".join(widget.key or "" for widget in app.number_input) and "a yardstick" in captions(app)
    press(app, "Train")
    assert submitted(idle).model.kind == "average"


def test_a_feature(register, run_cli, idle) -> None:
    register("A feature")
    result = run_cli("run", "--set", *TINY, "features=return,range_position:20")
    assert np.isfinite(result["scores"]["lstm"]["rmse"])
    explained = run_cli("explain", result["run_id"])
    assert explained["importance"]["range_position:20"] > 0
    assert "range_position" in listed(run_cli, "features")
    app = opened("train", **{"picker-open": True})
    app.text_input(key="picker-search").set_value("position in the range").run()
    press(app, "Add Position in the range, 20 days")
    press(app, "Train")
    assert "range_position:20" in submitted(idle).features


def test_a_target(register, run_cli, idle) -> None:
    register("A target")
    result = run_cli("run", "--set", *TINY, "target.kind=highest_rise", "target.horizon=3")
    assert result["unit"] == "log return" and np.isfinite(result["scores"]["lstm"]["r2"])
    (live,) = run_cli("predict", result["run_id"])["forecast"]
    assert live["lo"] < live["yhat"] < live["hi"]
    assert "highest_rise" in listed(run_cli, "targets") and "`highest_rise`" in choices("target.kind")
    app = opened("train")
    app.selectbox(key="target-kind").set_value("highest_rise").run()
    assert "max(close(t + 1)" in captions(app)
    press(app, "Train")
    assert submitted(idle).target.kind == "highest_rise"


def test_a_target_without_a_signal_says_so_on_the_trading_page(register, run_cli, idle, tmp_path) -> None:
    register("A target")
    saved = run_cli("run", "--set", *TINY, "target.kind=highest_rise", "target.horizon=3")
    show(saved["run_id"], tmp_path)
    app = turn(opened(""), "trading")
    assert "not where it ends" in " ".join(info.value for info in app.info)


def test_an_interval_method(register, run_cli, idle) -> None:
    register("An interval method")
    result = run_cli("run", "--set", *TINY, "bands.method=widest")
    default = run_cli("run", "--set", *TINY)
    assert result["bands"]["width"] > default["bands"]["width"]
    assert result["bands"]["coverage"] > 0.95
    assert "widest" in listed(run_cli, "intervals") and "`widest`" in choices("bands.method")
    app = opened("train", **{MORE: True})
    app.selectbox(key="field-bands.method").set_value("widest").run()
    press(app, "Train")
    assert submitted(idle).bands.method == "widest"


def test_a_baseline(register, run_cli, idle, tmp_path) -> None:
    register("A baseline")
    result = run_cli("run", "--set", *TINY)
    assert np.isfinite(result["scores"]["recent_mean"]["rmse"])
    assert "recent_mean" in listed(run_cli, "baselines")
    show(result["run_id"], tmp_path)
    assert "mean of the last 20 labels" in plotted(turn(opened(""), "evaluate"))


def test_a_bundled_series(register, run_cli, idle) -> None:
    register("A bundled series")
    assert "COPPER" in {item["name"] for item in run_cli("samples")["samples"]}
    frame = cache.frame(Data(symbols=("COPPER",)), None)
    assert len(frame) == 25 and f"{frame.index[0]:%Y-%m}" in SAMPLES["COPPER"].text
    app = opened("data")
    app.selectbox(key="sample").set_value("COPPER").run()
    assert not app.exception and "COPPER" in captions(app)


def test_a_data_source(register, run_cli, idle) -> None:
    register("A data source")
    data = ["data.source=sine", "data.symbols=S1,S2", "target.kind=close", "target.horizon=1"]
    result = run_cli("run", "--set", *TINY[:4], *data)
    assert {live["symbol"] for live in run_cli("predict", result["run_id"])["forecast"]} == {"S1", "S2"}
    assert "sine" in listed(run_cli, "sources") and "`sine`" in choices("data.source")
    app = opened("data")
    app.segmented_control(key="source").set_value("sine").run()
    checked(app)
    app.number_input(key="sines").set_value(1).run()
    turn(checked(app), "train")
    press(app, "Train")
    assert submitted(idle).data.source == "sine" and submitted(idle).data.symbols == ("S1",)


def test_a_page(register, saved: Run, tmp_path: Path) -> None:
    page, row = EXAMPLES["A page"]
    exec(row, {})
    app = open_in_copy(tmp_path, "hello", page)
    assert app.metric[0].value == f"{len(saved.frame):,}"
    assert "Hello" in [title.value for title in app.title]
    assert "pages/hello.py" in [path for path, _, _ in layout.MENU]


def test_an_explanation_view(saved: Run, tmp_path: Path) -> None:
    """The panel on a page of its own."""
    show_it = 'from ui import layout\ndraw_panel(layout.open_run("View"))\n'
    app = open_in_copy(tmp_path, "view", "\n".join([*EXAMPLES["An explanation view"], show_it]))
    assert re.search(r"Forecasts made on \w+day are the highest", captions(app))
    assert "Friday" in plotted(app)


def open_in_copy(folder: Path, name: str, source: str) -> AppTest:
    """The app with one page more, turned to that page."""
    (folder / "app" / "pages").mkdir(parents=True)
    (folder / "app" / "app.py").write_text((ROOT / "app.py").read_text())
    for path in (ROOT / "pages").glob("*.py"):
        (folder / "app" / "pages" / path.name).symlink_to(path)
    (folder / "app" / "pages" / f"{name}.py").write_text(source)
    app = AppTest.from_file(str(folder / "app" / "app.py"), default_timeout=60)
    app.session_state["visitor"] = owner()
    app.run()
    return checked(app.switch_page(f"pages/{name}.py").run())


def show(run_id: str, folder: Path) -> None:
    """Put a run of the command line where the pages look."""
    runs.save(runs.load(run_id, folder / "cli-runs"), cache.RUNS)


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def plotted(app: AppTest) -> str:
    """The specifications of all charts of the page."""
    return " ".join(str(chart.proto.spec) for chart in app.get("plotly_chart"))
