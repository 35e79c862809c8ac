"""What one visitor has chosen: recipe, uploaded series, run and cutoff. Only plain values live in the session.

What a reload must not lose is remembered on disk, under the id that the visitor's browser keeps in a cookie.
"""

import dataclasses
import itertools
import logging
from urllib.parse import urlencode

import streamlit as st

from core import spec as specs
from core.errors import RunError, SpecError
from core.spec import Spec, compact
from core.storage import runs, visitors
from ui import cache

COOKIE = "lookback-visitor"
DAYS = 365  # that a browser keeps the cookie
# Another tab may have set it since this one was opened: the first id stays.
SCRIPT = """<script>
if (!/(^|; )%(name)s=[0-9a-f]{32}(;|$)/.test(document.cookie))
  document.cookie = "%(name)s=%(id)s; path=/; max-age=%(seconds)d; samesite=strict"
    + (location.protocol === "https:" ? "; secure" : "");
</script>"""


def visitor() -> str:
    """The random id of this visitor, who owns the jobs that they start: that of the cookie, else a new one."""
    if "visitor" not in st.session_state:
        sent = st.context.cookies.get(COOKIE)
        st.session_state["visitor"] = sent if visitors.is_id(sent) else visitors.new_id()
    return st.session_state["visitor"]


def keep_cookie() -> None:
    """Have the browser keep the id of a new visitor, for a reload and for other tabs."""
    if st.context.cookies.get(COOKIE) != visitor() and visitors.is_id(visitor()):
        script = SCRIPT % {"name": COOKIE, "id": visitor(), "seconds": DAYS * 86_400}
        st.html(script, unsafe_allow_javascript=True)  # of the id, which has hex digits only


def remembered() -> visitors.Visitor:
    """The recipes and trainings of this visitor, from disk."""
    return visitors.load(visitor(), cache.RUNS)


def recipe() -> Spec:
    """The recipe as last edited, here or in the visit before; the demo's at first."""
    _come_back()
    values = st.session_state["recipe"]
    return specs.from_dict(values) if values else Spec()


def set_recipe(spec: Spec) -> None:
    """Make this the recipe of the pages, and remember it. What it was before can be undone to."""
    before, after = recipe(), visitors.Recipe(text=compact.to_text(spec), upload=upload())
    history = _history() or [visitors.Recipe(text=compact.to_text(before), upload=upload())]
    taken = st.session_state.pop("taken", False)  # what the boxes make of a recipe is no change of the visitor
    same = taken or history[-1] == after or (history[-1].upload == upload() and _fills(before, spec))
    st.session_state["recipe"] = specs.to_dict(spec)
    _remember([*(history[:-1] if same else history), after])


def take_recipe(taken: visitors.Recipe) -> Spec:
    """Make this recipe, with its uploaded series, the one of the pages, and return it. Raises SpecError."""
    spec = compact.from_text(taken.text)
    before = upload()
    set_upload(taken.upload or before)
    set_recipe(spec)
    st.session_state["taken"] = True
    return spec


def previous_recipe() -> visitors.Recipe | None:
    """The recipe before the last change; None if nothing was changed."""
    history = _history()
    return history[-2] if len(history) > 1 else None


def undo() -> Spec:
    """Take back the last change of the recipe, and return what it was before. There must be one."""
    history = _history()[:-1]
    spec = compact.from_text(history[-1].text)
    set_upload(history[-1].upload)
    st.session_state["recipe"] = specs.to_dict(spec)
    st.session_state["taken"] = True
    _remember(history)
    return spec


def upload() -> str | None:
    """The digest of the uploaded series; None without one."""
    _come_back()
    return st.session_state.get("upload")


def set_upload(digest: str | None) -> None:
    """Make the series with this digest the uploaded one."""
    _come_back()
    st.session_state["upload"] = digest


def opened() -> str | None:
    """The run in the address, else the one last chosen; None if nobody chose any."""
    return st.query_params.get("run") or st.session_state.get("run")


def run_id() -> str | None:
    """The run to show: the opened one, else the newest of this visitor that can be opened."""
    shown = opened()
    if shown:
        st.session_state["run"] = shown
    else:
        shown = next(iter(own_runs(1)), None)
    if shown != st.session_state.get("shown"):
        st.session_state["follow"] = None  # a run that was opened meanwhile stays
    st.session_state["shown"] = shown
    return shown


def own_runs(most: int) -> list[str]:
    """The ids of the newest runs of this visitor that can be opened."""
    return list(itertools.islice(filter(can_be_opened, remembered().runs), most))


def can_be_opened(run: str) -> bool:
    """Whether a run is saved and not damaged."""
    try:
        return not cache.summary(run).problem
    except RunError:  # deleted since
        return False


def newest_damaged() -> runs.Summary | None:
    """The newest run of this visitor that is saved and damaged."""
    lines = {line.id: line for line in cache.summaries() if line.problem}
    return next((lines[run] for run in remembered().runs if run in lines), None)


def choose_run(run_id: str | None) -> None:
    """Show this run from now on; None for the newest of this visitor."""
    st.session_state.pop("run", None)
    st.query_params.pop("run", None)
    if run_id:
        st.session_state["run"] = run_id
        st.query_params["run"] = run_id


def follow(job_id: str) -> None:
    """Turn to the run of this training when it has ended, unless another run is opened meanwhile."""
    st.session_state["follow"] = job_id


def follows(job_id: str) -> bool:
    """Whether the pages turn to the run of this training."""
    return st.session_state.get("follow") == job_id


def cutoff() -> str | None:
    """The cutoff in the address, which anybody may have typed, else the one last chosen; it then stands in the
    address."""
    chosen = st.query_params.get("day") or st.session_state.get("day")
    if chosen:
        choose_cutoff(chosen)
    return chosen


def choose_cutoff(cutoff: str) -> None:
    """Show the forecast made at this ISO cutoff from now on, and say so in the address."""
    st.session_state["day"] = cutoff
    if st.query_params.get("day") != cutoff:
        st.query_params["day"] = cutoff


def address() -> str | None:
    """The address that shows this view again; None if the page shows no run."""
    run, url = st.session_state.get("run"), st.context.url
    if not run or not url:
        return None
    query = {name: st.query_params.get_all(name) for name in st.query_params} | {"run": [run]}
    if day := st.session_state.get("day"):
        query["day"] = [day]
    return f"{url.split('?')[0]}?{urlencode(query, doseq=True)}"


def _come_back() -> None:
    """At the start of a session take the recipe of the last visit, the newest of those that this version can read."""
    if "recipe" in st.session_state:
        return
    sound = []
    for one in remembered().recipes:
        try:
            sound.append((one, compact.from_text(one.text)))
        except SpecError:  # of an earlier version
            continue
    st.session_state["recipe"] = specs.to_dict(sound[-1][1]) if sound else None
    st.session_state["upload"] = sound[-1][0].upload if sound else st.session_state.get("upload")
    st.session_state["recipes"] = [dataclasses.asdict(one) for one, _ in sound]


def _history() -> list[visitors.Recipe]:
    """The last recipes, the current one at the end; empty before the first."""
    return [visitors.Recipe(**values) for values in st.session_state.get("recipes", [])]


def _remember(history: list[visitors.Recipe]) -> None:
    history = [recipe for recipe, _ in itertools.groupby(history)][-visitors.RECIPES :]
    values = [dataclasses.asdict(one) for one in history]
    if values == st.session_state.get("recipes"):
        return
    st.session_state["recipes"] = values
    try:
        visitors.remember_recipes(visitor(), tuple(history), cache.RUNS)
    except RunError as problem:  # a full disk stops nobody from choosing
        logging.getLogger(__name__).warning("A recipe was not remembered: %s", problem)


def _fills(before: Spec, after: Spec) -> bool:
    """Whether `after` is `before` with features and target column that it had left open."""
    target = dataclasses.replace(before.target, column=before.target.column or after.target.column)
    return dataclasses.replace(before, target=target, features=before.features or after.features) == after
