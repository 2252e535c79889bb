// A half-filled form is saved as a draft within three seconds of a change, and at once when the page is left or locked.
import { post } from './page.js';

const WAIT = 3000;
const savers = [];

export function keepDrafts() {
  for (const form of document.querySelectorAll('form[data-draft-url]')) savers.push(keep(form));
  document.addEventListener('visibilitychange', () => { if (document.hidden) saveDrafts(); });
}

/** Save every draft that has unsaved changes; resolves when the server has answered. */
export function saveDrafts() {
  return Promise.all(savers.map((save) => save()));
}

function keep(form) {
  let saved = content(form), timer = 0, running = Promise.resolve();

  const later = () => { timer ||= setTimeout(save, WAIT); };
  const send = async () => {
    const now = content(form);
    if (now === saved) return;
    const done = await attempt(form.dataset.draftUrl, now);
    tell(form, done);
    if (done) saved = now;
    else later();
  };
  const save = () => {
    clearTimeout(timer);
    timer = 0;
    running = running.then(send); // one after the other, so that an older draft never lands last
    return running;
  };

  form.addEventListener('input', later);
  form.addEventListener('change', later);
  form.addEventListener('submit', () => { saved = content(form); }); // what was sent needs no draft
  return save;
}

/** Is what this form holds now with the server? A redirect says that the screen is locked: the server is there, and
 * keeps the draft. */
export async function saved(form) {
  let done = false;
  try {
    const reply = await post(form.dataset.draftUrl, content(form), { redirect: 'manual' });
    done = reply.ok || reply.type === 'opaqueredirect' || reply.status < 500;
  } catch { /* no network: the page says so, and asks again */ }
  tell(form, done);
  return done;
}

const content = (form) => new URLSearchParams(new FormData(form)).toString();

async function attempt(url, fields) {
  try {
    return (await post(url, fields, { keepalive: true })).ok;
  } catch {
    return false; // offline, or logged out: the page says so and tries again
  }
}

function tell(form, saved) {
  const status = form.querySelector('[data-draft-status]');
  if (!status) return;
  const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
  status.dataset.state = saved ? 'saved' : 'failed';
  status.textContent = saved ? status.dataset.saved.replace('{time}', time) : status.dataset.failed;
}
