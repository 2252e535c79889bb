"""What a check of a model or of a table has to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: where it is, and an Italian sentence that says what is wrong and what to do about it.

    `line` is the line in the XML (None when it concerns the whole file), `element` the BPMN or DMN id, `name` its
    label; `params` fill the places of the sentence. An "error" forbids publishing; a "warning" does not.
    """

    line: int | None
    element: str
    name: str
    sentence: str
    level: str = "error"
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """The sentence in Italian with its places filled."""
        return self.sentence % self.params if self.params else self.sentence
