"""What is wrong with a body, by the rules' names in Kazoo's validation errors, which are those of JSON Schema.

In:    pydantic's error.
Out:   for each dotted path, the rule's name and a sentence.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import ValidationError

from .shapes import faults_of

_RULES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "required",
        "string_too_long": "maxLength",
        "string_too_short": "minLength",
        "string_pattern_mismatch": "pattern",
        "literal_error": "enum",
        "less_than_equal": "maximum",
        "greater_than_equal": "minimum",
        "too_long": "maxItems",
        "value_error": "invalid",
    }
)


def kazoo_faults(error: ValidationError) -> dict[str, tuple[str, str]]:
    """All of them."""
    return {path: (_rule(rule), words) for path, (rule, words) in faults_of(error).items()}


def _rule(name: str) -> str:
    return _RULES.get(name, "type" if name.endswith(("_type", "_parsing", "_unicode")) else name)
