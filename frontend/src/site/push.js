// Lets this browser be woken by an empty push: asks the browser, registers the worker of our own origin, tells the server where.
import { post } from './page.js';

function bytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function turnOn(place) {
  const registration = await navigator.serviceWorker.register(place.dataset.worker);
  if (await Notification.requestPermission() !== 'granted') throw new Error('refused');
  const options = { userVisibleOnly: true, applicationServerKey: bytes(place.dataset.push) };
  while (!registration.active) await new Promise((done) => setTimeout(done, 50));
  const { endpoint } = await registration.pushManager.subscribe(options);
  const reply = await post(place.dataset.add, { endpoint });
  if (!reply.ok) throw new Error('not kept');
  location.assign(place.dataset.next);
}

export function offerPush() {
  const place = document.querySelector('[data-push]');
  if (!place || !('serviceWorker' in navigator) || !('PushManager' in window)) return;
  place.hidden = false;
  const [button, problem] = [place.querySelector('button'), place.querySelector('[role=alert]')];
  button.addEventListener('click', async () => {
    button.disabled = true;
    problem.hidden = true;
    try { await turnOn(place); } catch { problem.hidden = false; }
    button.disabled = false;
  });
}
