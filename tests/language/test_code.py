"""No words that the pages draw stand in the code without a call that translates them."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for pattern in ("app.py", "pages/*.py", "ui/**/*.py") for path in ROOT.glob(pattern))
DRAWN = {  # methods of Streamlit and of `ui.messages` whose first argument is words
    *("button", "caption", "checkbox", "dialog", "download_button", "empty", "error", "expander", "header", "info"),
    *("markdown", "metric", "number_input", "page_link", "popover", "progress", "radio", "segmented_control"),
    *("select_slider", "selectbox", "slider", "spinner", "subheader", "success", "text_input", "title", "toast"),
    *("toggle", "warning", "DatetimeColumn", "NumberColumn", "CheckboxColumn", "MultiselectColumn", "Metric"),
    *("date_input", "multiselect"),
}
LATER = {"progress": (1,), "show": (1,), "show_picture": (1,), "select_point": (1,)}
LATER |= {"Metric": (1, 2, 3), "offer": (2, 3), "get": (4,)}  # positions of other words that are drawn
NAMED = {"label", "help", "placeholder", "alt", "display_text", "show_spinner"}
MARKUP = re.compile(
    r"\b[A-Z]{2}[A-Z0-9=]*\b|fred:\w+|"  # tickers
    r":material/\w+:|:[a-z]*-?badge\[|-badge\[|:[a-z]+\[|pages/\w+\.py|app\.py|Lookback|Language · 언어"
)


def bare(source: str) -> list[str]:
    """The words that a module draws as they stand in it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            logged = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)  # getLogger(…).info
            drawn = [*node.args[:1]] if name in DRAWN and not logged else []
            drawn += [node.args[at] for at in LATER.get(name, ()) if at < len(node.args)]
            drawn += [keyword.value for keyword in node.keywords if keyword.arg in NAMED]
            found += [text for value in drawn for text in literals(value)]
    return [text for text in found if re.search(r"[A-Za-z]{2}", MARKUP.sub("", text))]


def literals(node: ast.expr) -> list[str]:
    """The texts of an expression that is drawn, outside of the calls within it."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [text for part in node.values for text in literals(part)]
    if isinstance(node, ast.BinOp):
        return [*literals(node.left), *literals(node.right)]
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    if isinstance(node, ast.BoolOp):
        return [text for part in node.values for text in literals(part)]
    if isinstance(node, ast.FormattedValue):
        return literals(node.value)
    return []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_drawn_is_translated(path):
    assert bare(path.read_text(encoding="utf-8")) == []


def test_words_without_a_translation_are_found():
    source = 'st.caption(f"{name} is new")\nleft.button("Go", help=tr("Now"))\nst.markdown(f":small[{tr(name)}]")\n'
    assert bare(source) == [" is new", "Go"]
    source = (
        'st.button("Yes" if x else tr("No"), key="no")\ncharts.show(figure, "Below.", "key")\nst.toast(x or "None")\n'
    )
    assert bare(source) == ["Yes", "Below.", "None"]
