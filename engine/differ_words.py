"""What a difference between two versions is made of, and what its kinds, fields and moves are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import N_

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"

KINDS = {
    "process": N_("percorso"),
    "participant": N_("percorso sul disegno"),
    "lane": N_("corsia"),
    "userTask": N_("attività"),
    "manualTask": N_("attività"),
    "task": N_("attività"),
    "serviceTask": N_("servizio"),
    "businessRuleTask": N_("decisione"),
    "callActivity": N_("percorso richiamato"),
    "subProcess": N_("sottopercorso"),
    "sequenceFlow": N_("via"),
    "startEvent": N_("inizio"),
    "endEvent": N_("fine"),
    "boundaryEvent": N_("evento sul bordo"),
    "intermediateCatchEvent": N_("attesa"),
    "intermediateThrowEvent": N_("messaggio in uscita"),
    "exclusiveGateway": N_("snodo"),
    "inclusiveGateway": N_("snodo"),
    "parallelGateway": N_("snodo parallelo"),
    "eventBasedGateway": N_("snodo d'attesa"),
    "message": N_("messaggio"),
    "signal": N_("segnale"),
    "error": N_("errore"),
    "decision": N_("tabella"),
    "rule": N_("riga"),
    "input": N_("colonna d'ingresso"),
    "output": N_("colonna d'uscita"),
    "component": N_("campo"),
    "group": N_("gruppo di campi"),
    "text": N_("testo"),
    "timerEventDefinition": N_("tempo"),
    "messageEventDefinition": N_("messaggio"),
    "signalEventDefinition": N_("segnale"),
    "errorEventDefinition": N_("errore"),
    "multiInstanceLoopCharacteristics": N_("ripetizione"),
    "standardLoopCharacteristics": N_("ripetizione"),
    "dataObject": N_("dato"),
    "dataObjectReference": N_("dato"),
    "inputDataItem": N_("voce dell'elenco"),
}
FIELDS = {
    "name": N_("nome"),
    "nameEn": N_("nome in inglese"),
    "documentation": N_("spiegazione"),
    "group": N_("gruppo"),
    "form": N_("modulo"),
    "due": N_("scadenza"),
    "dueSource": N_("da dove viene la scadenza"),
    "reminders": N_("promemoria"),
    "phase": N_("fase"),
    "service": N_("servizio"),
    "decision": N_("tabella di decisione"),
    "result": N_("risultato in"),
    "calledElement": N_("percorso richiamato"),
    "sourceRef": N_("da"),
    "targetRef": N_("a"),
    "conditionExpression": N_("condizione"),
    "default": N_("via consueta"),
    "attachedToRef": N_("attaccato a"),
    "lane": N_("corsia"),
    "timeDuration": N_("durata"),
    "timeDate": N_("data"),
    "timeCycle": N_("ripetizione"),
    "cancelActivity": N_("ferma il passo"),
    "isSequential": N_("una volta dopo l'altra"),
    "loopCardinality": N_("quante volte"),
    "loopDataInputRef": N_("una volta per ogni voce di"),
    "completionCondition": N_("basta quando"),
    "loopCondition": N_("si ripete finché"),
    "loopMaximum": N_("al massimo quante volte"),
    "input": N_("che cosa passa a «%(name)s»"),
    "output": N_("che cosa torna in «%(name)s»"),
    "startable": N_("si avvia da"),
    "label": N_("etichetta"),
    "text": N_("testo"),
    "typeRef": N_("tipo"),
    "inputExpression": N_("dato che si guarda"),
    "inputExpression typeRef": N_("tipo"),
    "inputValues": N_("valori ammessi"),
    "outputValues": N_("valori ammessi"),
    "defaultOutputEntry": N_("se nessuna riga corrisponde"),
    "decisionTable hitPolicy": N_("come valgono le righe"),
    "decisionTable aggregation": N_("come si mettono insieme i risultati"),
    "literalExpression": N_("espressione"),
    "variable name": N_("nome del risultato"),
    "variable typeRef": N_("tipo del risultato"),
    "annotationEntry": N_("nota"),
    "cell": N_("colonna «%(name)s»"),
    "type": N_("tipo"),
    "description": N_("spiegazione"),
    "dateLabel": N_("etichetta"),
    "timeLabel": N_("etichetta"),
    "subtype": N_("tipo di data"),
    "defaultValue": N_("risposta già scritta"),
    "disallowPassedDates": N_("non prima di oggi"),
    "conditional hide": N_("non si chiede se"),
    "validate required": N_("obbligatorio"),
    "validate minLength": N_("lettere, almeno"),
    "validate maxLength": N_("lettere, al massimo"),
    "validate min": N_("valore, almeno"),
    "validate max": N_("valore, al massimo"),
    "validate pattern": N_("come va scritto"),
    "properties label_en": N_("etichetta in inglese"),
    "properties description_en": N_("spiegazione in inglese"),
    "properties text_en": N_("testo in inglese"),
    "properties class": N_("classe di protezione"),
    "properties fact": N_("il percorso può decidere in base alla risposta"),
    "properties list": N_("elenco delle scelte"),
    "properties not_future": N_("non dopo oggi"),
    "properties start": N_("comincia con"),
    "option": N_("scelta «%(name)s»"),
    "option_en": N_("scelta «%(name)s» in inglese"),
    "option_place": N_("posto della scelta «%(name)s»"),
    "inside": N_("sta nel gruppo"),
    "after": N_("viene dopo"),
}
ROW = "rule"
NOWHERE = OUTSIDE, FOREMOST = N_("nessun gruppo"), N_("niente: è al primo posto")
MOVES = {
    ROW: N_("La riga %(was)d è ora la riga %(now)d."),
    "input": N_("Era la colonna %(was)d, ora è la %(now)d."),
    "output": N_("Era la colonna %(was)d, ora è la %(now)d."),
    "": N_("Era al posto %(was)d, ora è al posto %(now)d."),
}
POLICIES = {
    "UNIQUE": N_("corrisponde una riga sola"),
    "ANY": N_("corrispondono più righe, tutte con lo stesso risultato"),
    "PRIORITY": N_("vale il risultato più importante"),
    "FIRST": N_("vale la prima riga che corrisponde"),
    "RULE ORDER": N_("valgono tutte le righe che corrispondono, nel loro ordine"),
    "OUTPUT ORDER": N_("valgono tutte le righe che corrispondono, dal risultato più importante"),
    "COLLECT": N_("valgono tutte le righe che corrispondono"),
}


@dataclass(frozen=True)
class Detail:
    """One field of an element, before and after; "" where it was not or is no longer. Codes, ids and texts. `name` is
    what the words of the field are filled with: a column, a choice."""

    field: str
    before: str
    after: str
    name: str = ""

    @property
    def words(self) -> str:
        """What the field is called, in Italian, to be filled with `params`; its own name where there is no other."""
        first, _, inner = self.field.partition(" ")
        named = inner if first.endswith("LoopCharacteristics") else first if self.params else self.field
        return FIELDS.get(named, self.field)

    @property
    def params(self) -> dict[str, str]:
        """Which column, choice or datum is meant."""
        first, _, inner = self.field.partition(" ")
        if self.name:
            return {"name": self.name}
        return {"name": inner.partition(" ")[0]} if first in ("input", "output") else {}


@dataclass(frozen=True)
class Place:
    """Where something stands among its like, counted from one, before and after; 0: it was not or is no longer there.

    `is_moved`: it changed places itself, and did not only make room.
    """

    was: int
    now: int
    is_moved: bool = False


@dataclass(frozen=True)
class Change:
    """One element that was added, removed, changed or only moved. `shown` is the drawn element that it belongs to,
    `lang` the language of its name."""

    what: str
    element: str
    shown: str
    kind: str
    name: str
    details: tuple[Detail, ...] = ()
    place: Place | None = None
    lang: str = "it"

    @property
    def words(self) -> str:
        """What sort of element it is, in Italian."""
        return KINDS.get(self.kind, self.kind)

    @property
    def title(self) -> str:
        """What to call a row of a table, which has no name: by its number, to be filled with `numbers`; else ""."""
        if self.kind != ROW or self.place is None:
            return ""
        if not self.place.now:
            return N_("Riga %(was)d")
        shifted = self.place.was and self.place.was != self.place.now and not self.place.is_moved
        return N_("Riga %(now)d (prima era la %(was)d)") if shifted else N_("Riga %(now)d")

    @property
    def move(self) -> str:
        """That it changed places, to be filled with `numbers`; "" if it did not."""
        return MOVES.get(self.kind, MOVES[""]) if self.place and self.place.is_moved else ""

    @property
    def numbers(self) -> dict[str, int]:
        """Where it was and is."""
        return {"was": self.place.was, "now": self.place.now} if self.place else {}


@dataclass(frozen=True)
class Difference:
    """Everything that changed. `moved` counts the elements that only stand elsewhere on the drawing; `notes` are
    sentences about it with their facts."""

    changes: tuple[Change, ...]
    moved: int = 0
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=())

    def marks(self) -> dict[str, list[str]]:
        """The ids for the drawing; an element of which only a part was added or removed is changed."""
        found: dict[str, list[str]] = {ADDED: [], REMOVED: [], CHANGED: []}
        whole = {each.element for each in self.changes if each.what in (ADDED, REMOVED)}
        for each in self.changes:
            what = each.what if each.element == each.shown else CHANGED
            if each.shown and each.shown not in found[what] and (what != CHANGED or each.shown not in whole):
                found[what].append(each.shown)
        return found
