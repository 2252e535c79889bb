// Leaving the screen in a hurry: lock now, quick exit, and the lock that comes by itself after idle minutes.
import { saveDrafts } from './draft.js';

const PATIENCE = 1500; // ms that a lock waits for the last draft
const THRICE = 1500; // ms in which Shift must come three times
const HEARTBEAT = 5000;

export function guardTheScreen() {
  const form = document.querySelector('form[data-lock]');
  const exit = document.querySelector('a[data-quick-exit]');
  if (form) offerLock(form);
  if (form && document.body.dataset.idleSeconds) lockWhenIdle(form, Number(document.body.dataset.idleSeconds) * 1000);
  if (exit) offerExit(exit, form);
  // "back" must not show a page kept in memory from before the lock
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
}

function blank() {
  document.documentElement.classList.add('blank');
  document.title = '\u00a0';
}

async function lock(form) {
  blank();
  const held = []; // an editor of the workshop puts here what the lock must wait for: its drawing is in this page alone
  document.dispatchEvent(new CustomEvent('approdo-lock', { detail: held }));
  await Promise.race([saveDrafts(), new Promise((done) => setTimeout(done, PATIENCE))]);
  await Promise.all(held);
  form.submit();
}

function offerLock(form) {
  form.addEventListener('submit', (event) => { event.preventDefault(); lock(form); });
  document.addEventListener('keydown', (event) => { if (event.ctrlKey && event.altKey && event.code === 'KeyL') lock(form); });
}

function leave(exit, form) {
  blank();
  saveDrafts();
  if (form) navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
  location.replace(exit.href);
}

function offerExit(exit, form) {
  exit.addEventListener('click', (event) => { event.preventDefault(); leave(exit, form); });
  let times = [];
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Shift') times = [];
    else if (!event.repeat) times = [...times.slice(-2), event.timeStamp];
    if (times.length === 3 && times[2] - times[0] < THRICE) leave(exit, form);
  });
}

/** Work in another tab counts: tabs tell each other that somebody is here. */
function lockWhenIdle(form, limit) {
  const tabs = new BroadcastChannel('approdo-here');
  let seen = Date.now(), told = 0;
  const here = () => {
    seen = Date.now();
    if (seen - told > HEARTBEAT) { told = seen; tabs.postMessage(0); }
  };
  tabs.onmessage = () => { seen = Date.now(); };
  for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchmove']) document.addEventListener(kind, here, { passive: true });
  const check = () => { if (Date.now() - seen >= limit) lock(form); };
  const watch = setInterval(check, Math.min(HEARTBEAT, limit));
  document.addEventListener('visibilitychange', check);
  window.addEventListener('pagehide', () => { clearInterval(watch); tabs.close(); });
}
