// Small courtesies of every page, and how this code speaks to the server.

const TWICE = 3000; // ms in which a second press of the same button is taken for a double click

/** POST a form's fields. A redirect means that the session has ended: it is a failure, not a page to follow. */
export function post(url, fields, options = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? '';
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers: { 'X-CSRFToken': token }, redirect: 'error', ...options });
}

/** A hurried double click sends a form once. */
export function submitOnce() {
  const sent = new WeakMap();
  document.addEventListener('submit', (event) => {
    const last = sent.get(event.target) ?? -TWICE;
    if (event.timeStamp - last < TWICE) event.preventDefault();
    else if (!event.defaultPrevented) sent.set(event.target, event.timeStamp);
  });
}

/** After a refused form the list of errors is what a screen reader reads first. */
export function showErrorsFirst() {
  document.getElementById('errors')?.focus();
}

export function offerPrint() {
  for (const button of document.querySelectorAll('[data-print]')) button.addEventListener('click', () => window.print());
}
