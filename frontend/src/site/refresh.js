// Fields that appear and vanish with an answer: the server decides, this only brings them without a new page.
import { post } from './page.js';

export function refreshFields() {
  for (const form of document.querySelectorAll('form[data-refresh]')) {
    let last = new AbortController();
    for (const button of form.querySelectorAll('[data-refresh-button]')) button.hidden = true;
    form.addEventListener('change', () => {
      last.abort();
      last = new AbortController();
      refresh(form, last.signal);
    });
  }
}

async function refresh(form, signal) {
  const fields = new FormData(form);
  fields.set('_refresh', '1');
  try {
    const answer = await post(form.action, fields, { signal });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector(form.id ? `form#${CSS.escape(form.id)}` : 'form[data-refresh]');
    if (fresh) mergeForm(form, fresh);
    else showButtons(form);
  } catch (error) {
    if (error.name !== 'AbortError') showButtons(form);
  }
}

/** What the server could not bring this way, a press of the button will. */
function showButtons(form) {
  for (const button of form.querySelectorAll('[data-refresh-button]')) button.hidden = false;
}

function mergeForm(form, fresh) {
  const sources = fresh.querySelectorAll('[data-fields]');
  form.querySelectorAll('[data-fields]').forEach((fields, index) => { if (sources[index]) merge(fields, sources[index]); });
  const said = form.querySelector('[data-told]'), now = fresh.querySelector('[data-told]');
  if (said && now && said.textContent !== now.textContent) {
    said.dataset.kind = now.dataset.kind;
    said.replaceChildren(...now.childNodes);
  }
}

/** Add the new fields in their place and drop the gone ones; those that stay are not touched, nor what is typed in them. */
function merge(fields, source) {
  const named = (parent) => new Map([...parent.children].filter((child) => child.dataset.field).map((child) => [child.dataset.field, child]));
  const here = named(fields), there = named(source);
  for (const [name, field] of here) if (!there.has(name)) field.remove();
  let previous = null;
  for (const [name, field] of there) {
    if (!here.has(name)) previous ? previous.after(document.adoptNode(field)) : fields.prepend(document.adoptNode(field));
    previous = here.get(name) ?? field;
  }
}
