"""What the networks of an ensemble do by settings of their own, and the way back to one recipe for all."""

import streamlit as st

from core.language import tr
from core.spec import Spec, compact, members, with_values
from core.spec.convert import field_at
from core.storage import visitors
from ui import markdown, names
from ui.train import recipe


def draw(spec: Spec) -> None:
    """A line for each network with settings of its own; nothing without any."""
    texts = spec.train.member_settings[: spec.train.ensemble]
    if not texts:
        return
    lines = [tr("Network {number}: {settings}", number=at, settings=_describe(spec, text)) for at, text in
             enumerate(texts, start=1)]  # fmt: skip
    st.markdown(
        tr("The networks of this ensemble have settings of their own; all others are those in the boxes.")
        + "".join(f"\n- {markdown.escape(line)}" for line in lines)
    )
    same = with_values(spec, {"train.member_settings": [], "train.ensemble": 1})
    st.button(
        tr("Train one network"),
        key="members-clear",
        icon=":material/undo:",
        on_click=recipe.take,
        args=(visitors.Recipe(text=compact.to_text(same)),),
        help=tr("Drops these settings: one network is trained with what the boxes say"),
    )


def _describe(spec: Spec, text: str) -> str:
    return " · ".join(
        f"{tr(field_at(path).label).lower()} {names.setting(path, field_at(path), value)}"
        for path, value in members.read(text, spec).items()
    )
