// A form that is sent where the network comes and goes: it is sent only once the draft has arrived, so that what was
// typed never ends on the browser's own page about a missing network. Without this script the form's token is enough:
// sent twice, it is written once.
import { saved } from './draft.js';

const AGAIN = 4000;

export function waitForTheNetwork() {
  for (const form of document.querySelectorAll('form[data-patient]')) form.addEventListener('submit', hold);
}

async function hold(event) {
  const form = event.currentTarget, button = event.submitter;
  if (form.dataset.sure !== undefined) return;
  event.preventDefault();
  if (form.dataset.waiting !== undefined) return; // it is being tried already
  form.dataset.waiting = '';
  while (!(await saved(form))) await new Promise((done) => setTimeout(done, AGAIN));
  delete form.dataset.waiting;
  form.dataset.sure = '';
  form.requestSubmit(button);
  delete form.dataset.sure;
}
