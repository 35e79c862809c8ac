"""A browser that is told to turn to another page may still ask for a part of the one before: such a request is dropped.

Streamlit 1.67 answers it: it tells the browser that the page has changed back, so that the browser clears the screen,
and draws that part alone, or nothing. Each turn by the server while a timer of `st.fragment` runs can meet it
(docs/decisions/0026-requests-of-a-page-that-was-left.md).
"""

from functools import cache

from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner


@cache
def drop() -> None:
    """From now on, for all visitors. Called again, it changes nothing."""
    run = ScriptRunner._run_script

    def run_of_this_page(runner: ScriptRunner, data: RerunData) -> None:
        context = get_script_run_ctx()
        late = context is not None and data.page_script_hash != context.page_script_hash
        if not (data.fragment_id_queue and late):
            run(runner, data)

    ScriptRunner._run_script = run_of_this_page  # type: ignore[assignment, method-assign]
