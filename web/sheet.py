"""A form on a page: its parts, what was typed, what is wrong with it, what its conditions hide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from flask_babel import get_locale

from tasks import forms
from tasks.components import Component, Form
from tasks.forms import Typed


@dataclass(frozen=True)
class Group:
    """Fields that belong together, under one heading (or none)."""

    title: str
    parts: tuple[Component, ...]
    folds: bool = False
    open: bool = True


@dataclass(frozen=True)
class Page:
    """What the template draws."""

    form: Form
    values: Typed
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The fields that these answers hide."""
        return forms.hidden(self.form, self.values)

    @property
    def groups(self) -> list[Group]:
        """The parts in order, by heading."""
        named = groupby(self.form.components, lambda part: part.group_in(str(get_locale())))
        return [self._group(title, tuple(parts)) for title, parts in named]

    def _group(self, title: str, parts: tuple[Component, ...]) -> Group:
        folds = bool(title.strip()) and any(part.folds for part in parts)
        return Group(title, parts, folds, not folds or any(self._is_wanted(part) for part in parts))

    def _is_wanted(self, part: Component) -> bool:
        """Whether somebody should see this field now: it is wrong, empty though required, or answered by choice."""
        value = self.values.get(part.key)
        if part.key in self.errors or part.required:
            return part.key in self.errors or not value
        return bool(value) and value != part.default

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Key and label of every field, for the summary of errors."""
        return [(part.key, part.label_in(str(get_locale()))) for part in self.form.fields]

    @property
    def conditional(self) -> bool:
        """Whether an answer may show or hide a field."""
        return any(part.hides for part in self.form.components)
