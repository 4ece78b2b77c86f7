/** The service worker, once somebody is signed in: it keeps the frame of the pages and says when there is no network. */
if ('serviceWorker' in navigator && document.body.dataset.person) {
  window.addEventListener('load', () => navigator.serviceWorker.register('/service-worker.js', { scope: '/' }).catch(() => {}));
}
