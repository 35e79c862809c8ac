"""The explanation methods by their command-line id: what each is called, measures and computes on a saved run."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from core.errors import SpecError
from core.events import Event
from core.explain import compare_methods, explainer, time_segments, tree_shap
from core.explain.importance import ERROR_SHARE, IMPORTANCE_METHODS, TARGET_UNITS, Importance, from_explanation
from core.explain.importance import record_name as importance_record_name
from core.language import message
from core.types import Explanation, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodResult:
    """What a method found on a run: the importance of its features, and the Explanation behind it if there is one.

    `gain` is each feature's share of the gain of a LightGBM's splits, empty for other methods.
    """

    importance: Importance
    explanation: Explanation | None = None
    gain: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationMethod:
    """One way to explain a saved run.

    id            as on the command line
    title         for the screen
    text          one sentence that describes it
    unit          of its numbers
    compute       runs it on a saved run; yields Stage and Progress
    replaces      whether its Explanation replaces the run's own
    record_name   the name under which the run keeps its Importance; None if it is not kept
    """

    id: str
    title: str
    text: str
    unit: str
    compute: Callable[[Run], Generator[Event, None, MethodResult]]
    replaces: bool = False
    record_name: str | None = None


def find(method_id: str) -> ExplanationMethod:
    """The method with this id. Raises SpecError if there is none."""
    if method_id not in METHODS:
        raise SpecError(
            message(
                "There is no explanation method called {method_id}. Choose one of {methods}.",
                method_id=repr(method_id),
                methods=", ".join(METHODS),
            )
        )
    return METHODS[method_id]


def _permutation(run: Run) -> Generator[Event, None, MethodResult]:
    return _result((yield from explainer.compute(run, "permutation")), "shapley")


def _exact(run: Run) -> Generator[Event, None, MethodResult]:
    return _result((yield from explainer.compute(run, "exact")), "shapley")


def _gradients(run: Run) -> Generator[Event, None, MethodResult]:
    return _result((yield from explainer.compute(run, "gradients")), "gradients")


def _time_segments(run: Run) -> Generator[Event, None, MethodResult]:
    return _result((yield from time_segments.explain(run)), "shapley")


def _loco(run: Run) -> Generator[Event, None, MethodResult]:
    return MethodResult(importance=(yield from compare_methods.compute_loco(run)))


def _tree_shap(run: Run) -> Generator[Event, None, MethodResult]:
    explanation, gain = yield from tree_shap.compute(run)
    return _result(explanation, "treeshap", gain)


def _result(explanation: Explanation, importance_method: str, gain: dict[str, float] | None = None) -> MethodResult:
    importance = from_explanation(explanation, importance_method, explanation.features)
    return MethodResult(importance=importance, explanation=explanation, gain=gain or {})


METHODS: dict[str, ExplanationMethod] = {
    method.id: method
    for method in (
        ExplanationMethod(
            id="permutation",
            title=IMPORTANCE_METHODS["shapley"].title,
            text="Shapley values of the features, sampled over random orders in which features are revealed.",
            unit=TARGET_UNITS,
            compute=_permutation,
            replaces=True,
        ),
        ExplanationMethod(
            id="exact",
            title=f"Exact {IMPORTANCE_METHODS['shapley'].title}",
            text="Shapley values of at most 12 features over all their coalitions, without sampling error.",
            unit=TARGET_UNITS,
            compute=_exact,
            replaces=True,
        ),
        ExplanationMethod(
            id="gradients",
            title=IMPORTANCE_METHODS["gradients"].title,
            text="The forecast's gradient, integrated from training windows to each window (expected gradients).",
            unit=TARGET_UNITS,
            compute=_gradients,
            replaces=True,
        ),
        ExplanationMethod(
            id="blocks",
            title="Time segments",
            text="Shapley values of time segments of the window instead of features.",
            unit=TARGET_UNITS,
            compute=_time_segments,
        ),
        ExplanationMethod(
            id="ablation",
            title=f"{IMPORTANCE_METHODS['retrained'].title} (LOCO)",
            text="The rise of the error on the test split when the network is retrained without each feature.",
            unit=ERROR_SHARE,
            compute=_loco,
            record_name=importance_record_name("ablation", False),
        ),
        ExplanationMethod(
            id="lightgbm",
            title=IMPORTANCE_METHODS["treeshap"].title,
            text="TreeSHAP of a LightGBM on the same windows, a model other than the network.",
            unit=TARGET_UNITS,
            compute=_tree_shap,
        ),
    )
}
