// Wakes up for a push that carries nothing, says one neutral sentence, and opens the notices when it is pressed.
const WORDS = { it: 'C’è qualcosa da leggere.', en: 'There is something to read.' };

self.addEventListener('push', (event) => {
  const language = navigator.language.startsWith('en') ? 'en' : 'it';
  event.waitUntil(self.registration.showNotification('Agenda', { body: WORDS[language], tag: 'agenda', lang: language }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow('/notices'));
});
