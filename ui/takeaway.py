"""What a person takes along of a run, and how they bring one in: report, script, archive and tables."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.charts import export
from core.errors import CoreError
from core.language import current, message, shown, tr, use
from core.report import names
from core.report.tables import TABLES
from core.spec import compact
from core.storage import archive, visitors
from ui import cache, markdown, messages, session

IMPORTED = "imported"  # in the session: the run that came in last, or what was wrong with its archive


def draw(run_id: str, damaged: bool = False) -> None:
    """A button behind which everything of a run is offered; of a damaged one, its files alone. Each is made when it is
    asked for."""
    with st.popover(tr("Take it with you"), icon=":material/download:", key=f"take-{run_id}", width="content"):
        if not damaged:
            language = current()
            _offer(tr("Report (HTML)"), partial(_report, run_id, language), f"report-{run_id}.html")
            st.caption(tr("Model card and charts in one file, which opens without a network."))
            _offer(tr("Script (Python)"), partial(_script, run_id), f"run-{run_id}.py")
            st.caption(
                tr("Trains the run again and compares every number; a file's series is in the ZIP, to lie next to it.")
            )
        _offer(tr("Run (ZIP)"), partial(archive.pack, run_id, cache.RUNS), f"run-{run_id}.zip")
        st.caption(tr("All its files; it can be imported elsewhere."))
        if not damaged:
            for name, (title, _) in TABLES.items():
                with st.container(horizontal=True, wrap=False):
                    _offer(f"{tr(title)} (CSV)", partial(_csv, run_id, name), f"{name}-{run_id}.csv")
                    _offer("Parquet", partial(_parquet, run_id, name), f"{name}-{run_id}.parquet")


def draw_import() -> None:
    """A panel that takes the archive of a run, and below it what became of the last one."""
    with (
        st.expander(tr("Import a run"), icon=":material/upload:"),
        st.form("import-form", clear_on_submit=True, border=False),
    ):
        st.file_uploader(
            tr("The ZIP of a run"), ["zip"], key="import-file", help=tr("It is checked before anything is kept")
        )
        st.form_submit_button(tr("Import it"), type="primary", on_click=_bring)
    outcome = st.session_state.pop(IMPORTED, None)
    if isinstance(outcome, dict):
        st.success(markdown.escape(shown(outcome["text"])), icon=":material/check_circle:")
    elif outcome is not None:
        messages.error(outcome)


def _bring() -> None:
    """Import the file in the form: in the callback, so that the list that is drawn next has it."""
    file = st.session_state.get("import-file")
    if file is None:
        return
    try:
        cache.quotas().check_upload(file.size)
        run = archive.import_run(file.getvalue(), cache.RUNS)
        owner = visitors.Recipe(text=compact.to_text(run.spec))
        visitors.finish_training(session.visitor(), visitors.Training(key=run.id, recipe=owner, run=run.id), cache.RUNS)
    except CoreError as problem:
        st.session_state[IMPORTED] = problem
        return
    words = message(
        "Imported: {recipe}, trained {created}, saved as {run}.",
        recipe=names.of_run(run),
        created=run.created[:16].replace("T", " "),
        run=run.id,
    )
    st.session_state[IMPORTED] = {"text": words}


def _offer(label: str, content: Callable[[], str | bytes], file: str) -> None:
    st.download_button(label, content, file, key=f"take-{file}", on_click="ignore", width="stretch")


def _report(run_id: str, language: str) -> str:
    from core.report import report

    with use(language):
        return report.build(cache.run(run_id))


def _script(run_id: str) -> str:
    from core.report import script

    return script.write(cache.run(run_id))


def _csv(run_id: str, name: str) -> str:
    return export.csv_of(TABLES[name][1](cache.run(run_id)))


def _parquet(run_id: str, name: str) -> bytes:
    return export.parquet_of(TABLES[name][1](cache.run(run_id)))
