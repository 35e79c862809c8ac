"""The parameter of a feature, from its text: a whole number, the name of a column, or none."""

from core.errors import FeatureError
from core.features.feature import Feature, Parameter
from core.language import message


def parse_parameter(feature: Feature, value: str | None) -> int | str | None:
    """Return the parameter of a feature from its text, None if it has none. Raises FeatureError if it does not fit."""
    parameter = feature.parameter
    if parameter == "column":
        if not value:
            raise FeatureError(message("{name} needs the name of a column. Write {name}:NAME.", name=feature.name))
        return value
    if isinstance(parameter, Parameter):
        return parameter.default if value is None else _parse_number(feature.name, parameter, value)
    if value is not None:
        raise FeatureError(
            message("{name} takes no parameter; got {value}. Write {name}.", name=feature.name, value=repr(value))
        )
    return None


def _parse_number(name: str, parameter: Parameter, value: str) -> int:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1
    if not parameter.low <= number <= parameter.high:
        raise FeatureError(
            message(
                "{name} takes a whole number of steps from {low} to {high}; got {value}. Write {name}:{default}, for "
                "example.",
                name=name,
                low=parameter.low,
                high=parameter.high,
                value=repr(value),
                default=parameter.default,
            )
        )
    return number
