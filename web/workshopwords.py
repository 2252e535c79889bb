"""Words of the workshop: what was just done to a draft, told once after a redirect."""

from core.errors import N_

DONE = {
    "draft_begun": N_("Bozza cominciata: da qui la disegni o la scrivi come elenco."),
    "draft_proposed": N_("Bozza proposta: ora serve la conferma di un'altra persona del coordinamento."),
    "draft_approved": N_("Confermata: è la nuova versione."),
    "draft_refused": N_("La proposta è chiusa: la bozza resta e si può correggere."),
    "draft_discarded": N_("Bozza scartata: per 90 giorni la trovi tra le versioni conservate."),
    "draft_saved": N_("Salvato nella bozza."),
    "step_drawn": N_("Passo aggiunto alla bozza, anche sul disegno."),
    "step_moved": N_("Passo spostato nella bozza, anche sul disegno."),
    "time_set": N_("Tempo aggiunto alla bozza, anche sul disegno."),
    "step_taken_out": N_("Passo tolto dalla bozza."),
    "copy_removed": N_("Versione tolta."),
    "copy_taken": N_("Ora la bozza è questa versione; quella di prima è conservata."),
    "version_withdrawn": N_("Versione ritirata: non entrerà in vigore."),
}
