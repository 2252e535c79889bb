// One-letter keys: j and k walk through a list, a letter presses what carries it in data-key, ? opens and shuts the section that tells them.
// They rest while something is being typed, and can be turned off (WCAG 2.2, 2.1.4).

const CHOICE = 'approdo.keys'; // a preference of this browser, no data of anybody

export function listenToKeys() {
  for (const box of document.querySelectorAll('[data-keys-toggle]')) {
    box.checked = !off();
    box.addEventListener('change', () => localStorage.setItem(CHOICE, box.checked ? 'on' : 'off'));
  }
  document.addEventListener('keydown', (event) => {
    if (off() || typing(event)) return;
    if (act(event.key)) event.preventDefault();
  });
}

const off = () => localStorage.getItem(CHOICE) === 'off';

const typing = (event) => event.ctrlKey || event.altKey || event.metaKey || event.isComposing
  || document.querySelector('dialog[open]') || event.target.closest?.('input, select, textarea, [contenteditable]');

/** Do what the key says; false when it says nothing here. */
function act(key) {
  if (key === 'j') return walk(1);
  if (key === 'k') return walk(-1);
  if (key === '?') return openHelp();
  if (!/^[a-z0-9/]$/i.test(key)) return false;
  return press(key);
}

function walk(by) {
  const rows = [...document.querySelectorAll('[data-keys-list] .row')];
  const now = rows.indexOf(document.activeElement.closest('.row'));
  const next = rows[Math.max(0, Math.min(rows.length - 1, now + by))];
  next?.querySelector('.row-title')?.focus();
  return Boolean(next);
}

function press(key) {
  const selector = `[data-key="${key}"]`;
  const row = document.activeElement.closest('.row');
  const found = row?.querySelector(selector) ?? [...document.querySelectorAll(selector)].find((element) => !element.closest('.row'));
  found?.closest('details')?.setAttribute('open', ''); // what is folded up can have no focus
  if (found?.matches('input:not([type=checkbox]), select, textarea')) found.focus();
  else found?.click();
  return Boolean(found);
}

function openHelp() {
  const help = document.querySelector('details#keys');
  if (!help) return false;
  help.open = !help.open;
  help.querySelector('summary').focus(); // the browser brings it into view
  return true;
}
