"""What may go wrong in a way a person should read. The web turns each into a page, once.

Every sentence is Italian, the source language, and is a message id for the catalogues: `sentence` may hold
`%(name)s` places, `params` fills them. Nothing was changed when one of these leaves `core.db.transaction()`.
"""

from collections.abc import Mapping, Sequence


def N_(text: str) -> str:
    """Mark a text for the catalogues without translating it here."""
    return text


class Refused(Exception):
    """The request was understood and not done; nothing was changed."""

    status = 400
    sentence = N_("La richiesta non è stata eseguita.")

    def __init__(self, sentence: str | None = None, /, **params: object) -> None:
        if sentence is not None:
            self.sentence = sentence
        self.params = params
        super().__init__(self.sentence % params if params else self.sentence)


class BadInput(Refused):
    """A value that no form of ours would send."""

    sentence = N_("La richiesta contiene un valore non valido.")


class BadLogin(Refused):
    """Unknown, wrong, disabled or throttled: the answer is the same for all four."""

    status = 401
    sentence = N_("Nome utente o password non corretti, oppure troppi tentativi: riprova tra qualche minuto.")


class Forgotten(Refused):
    """The visit of this form is over, or its cookie is gone: nothing was done with it."""

    status = 400
    sentence = N_("Qui non si sa più chi sei: la sessione è finita, oppure il browser ha cancellato i cookie.")


class NotYours(Refused):
    """There is no such record, or not for you: the two answers are the same."""

    status = 404
    sentence = N_("Non esiste, oppure non è tra le cose che puoi vedere.")


class SomebodyElse(Refused):
    """Another person opened this page than who is logged in now: her work is not done in this one's name."""

    status = 412
    sentence = N_("Questa pagina l'ha aperta un'altra persona: niente è stato salvato.")


class AlreadyDone(Refused):
    """Somebody finished this first; `who` and `when` say who and at what time."""

    status = 409
    sentence = N_("Già completata da %(who)s alle %(when)s.")


class Stale(Refused):
    """The record changed after the page was loaded."""

    status = 409
    sentence = N_("Nel frattempo qualcun altro ha modificato questi dati: ricarica la pagina e riprova.")


class ShelterFull(Refused):
    """No free bed on that day."""

    status = 409
    sentence = N_("Nella struttura %(shelter)s non ci sono posti liberi.")


class MissingConsent(Refused):
    """The person has not agreed, or no longer agrees, to this use."""

    status = 409
    sentence = N_("Manca un consenso valido della persona per questo scopo.")


class Destroyed(Refused):
    """The key of these data was destroyed: nobody can read them any more."""

    status = 410
    sentence = N_("Questi dati sono stati cancellati in modo definitivo: nessuno può più leggerli.")


class WrongOrder(Refused):
    """A step was asked for before the one it stands on."""

    status = 422
    sentence = N_("Questo passo non si può fare adesso: prima serve un altro passo.")


class InvalidForm(Refused):
    """Some fields need attention; `errors` lists the sentences of each field."""

    status = 422
    sentence = N_("Controlla i campi segnalati.")

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self.errors = {field: list(sentences) for field, sentences in errors.items()}


class TooMany(Refused):
    """More than one person looks at or asks for in some time (`kind`: of what); the coordinator is told."""

    status = 429
    sentence = N_(
        "In un'ora hai guardato più di quanto serve di solito: aspetta un po'. Il coordinamento è stato avvisato."
    )

    def __init__(self, kind: str, sentence: str | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind


class InvalidModel(Refused):
    """The model breaks a rule of the house; `findings` say where and why."""

    status = 422
    sentence = N_("Il modello non rispetta le regole: vedi l'elenco dei punti da correggere.")

    def __init__(self, findings: Sequence[object], sentence: str | None = None, /, **params: object) -> None:
        super().__init__(sentence, **params)
        self.findings = list(findings)


class Unfit(InvalidModel):
    """A draft in which the check finds an error is neither proposed nor confirmed."""

    sentence = N_("Prima correggi ciò che il controllo segnala: è nella pagina della bozza.")


class Unreadable(Refused):
    """A sealed value does not fit its key or its place: it was damaged, moved or sealed elsewhere."""

    status = 500
    sentence = N_("Un dato cifrato non si può leggere: chiave e testo non corrispondono. Avvisa chi cura il sistema.")


class Unavailable(Refused):
    """The database is locked, down or full: try again; nothing was written."""

    status = 503
    sentence = N_("L'archivio non risponde in questo momento: nulla è stato salvato, riprova tra poco.")


class ConfigError(Exception):
    """The start is refused: a setting or a secret is missing or wrong. The text is the sentence to print."""
