/** The service worker, once somebody is signed in: it keeps the frame of the pages and says when there is no network. */
if ('serviceWorker' in navigator && document.body.dataset.person) {
  window.addEventListener('load', () => navigator.serviceWorker.register('/service-worker.js', { scope: '/' }).catch(() => {}));
}

/** Where the browser lets a page offer it, « Installer » is offered; an iPhone has its own way, which is told. */
const place = document.querySelector('[data-install]');
if (place) {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    offer('button').addEventListener('click', () => event.prompt().then(() => { place.hidden = true; }), { once: true });
  });
  if (navigator.standalone === false) offer('[data-by-hand]');
}

function offer(how) {
  const offered = place.querySelector(how);
  place.hidden = offered.hidden = false;
  return offered;
}
