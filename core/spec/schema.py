"""The recipe of a run. Together with the digest of its data it determines every number of the run."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field

from core.errors import SpecError
from core.language import message
from core.spec import rules
from core.spec.fields import check, spec_field
from core.spec.parts import PARTS, Bands, Baselines, Data, Model, Split, Target, Train, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The recipe of a run, checked. Empty `features` means the defaults of the target.

    Raises SpecError for a value of the wrong type or out of range, and for settings that do not fit together.
    """

    data: Data = field(default_factory=Data)
    target: Target = field(default_factory=Target)
    features: tuple[str, ...] = spec_field((), label="Features", help="name:parameter, e.g. rsi:14")
    window: Window = field(default_factory=Window)
    split: Split = field(default_factory=Split)
    model: Model = field(default_factory=Model)
    train: Train = field(default_factory=Train)
    baselines: Baselines = field(default_factory=Baselines)
    bands: Bands = field(default_factory=Bands)
    seed: int = spec_field(0, label="Seed", low=0, high=2**31 - 1)
    allow_lookahead: bool = spec_field(
        False, label="Train although a feature looks ahead", help="The verdict then says that the result means nothing"
    )

    def __post_init__(self) -> None:
        for name in PARTS:
            check(getattr(self, name), name)
        check(self, "recipe")
        if not self.data.symbols:
            raise SpecError(message("data.symbols is empty. Name at least one symbol."))
        for conflict in rules.conflicts(self):
            raise SpecError(conflict.message)

    @property
    def id(self) -> str:
        """Twelve hex digits that identify this recipe."""
        return hashlib.sha256(canonical(self).encode()).hexdigest()[:12]


def canonical(spec: Spec) -> str:
    """The recipe as canonical JSON: equal recipes give equal text."""
    return json.dumps(dataclasses.asdict(spec), sort_keys=True, indent=1)
