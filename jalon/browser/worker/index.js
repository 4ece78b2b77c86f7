/**
 * The service worker: the frame of the pages is kept, under VERSION; pages themselves never are, they hold patients.
 * VERSION and KEPT are written above this file when it is served.
 */
/* global VERSION, KEPT */
const CACHE = `jalon-${VERSION}`;
const OFFLINE = '/hors-ligne';

self.addEventListener('install', (event) => event.waitUntil(keep()));
self.addEventListener('activate', (event) => event.waitUntil(tidy()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  else if (new URL(request.url).pathname.startsWith('/static/')) event.respondWith(kept(request));
});
self.addEventListener('push', (event) => event.waitUntil(show(event.data?.json() ?? {})));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

/** What came says only that something waits; a later message takes the place of an earlier one. */
async function show({ title = 'Jalon', body = '', url = '/taches' }) {
  await self.registration.showNotification(title, { body, tag: 'jalon', data: url, icon: '/static/icon-192.png', lang: 'fr' });
}

async function open(url) {
  const page = new URL(url, self.location.origin);
  if (page.origin !== self.location.origin) return;
  await self.clients.openWindow(page.href);
}

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((address) => new Request(address, { credentials: 'omit', cache: 'reload' })));
  await self.skipWaiting();
}

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('jalon-') && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function kept(request) {
  return (await caches.match(request)) ?? fetch(request);
}
