// Lets the public pages open without a network: the entry with its script, and the pages of visits
// that were opened before. Asks the network first, so that what is withdrawn is seen at once.
"use strict";
const CACHE = "doorstep-v-2";
const ENTRY = "/v/";
const PARTS = [ENTRY, "/static/portal/portal.css", "/static/portal/door.js", "/static/portal/door_token.mjs"];
const VISIT = /^\/v\/[A-Z0-9]{4}-[A-Z0-9]{4}\/$/;
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(PARTS)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("doorstep-v-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function networkFirst(request, path) {
  const cache = await caches.open(CACHE);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(request, { signal: stop.signal });
    if (answer.ok) await cache.put(path, answer.clone());
    else if (answer.status === 404) await cache.delete(path);
    return answer;
  } catch (error) {
    const held = await cache.match(path, { ignoreVary: true });
    if (held) return held;
    throw error;
  } finally { clearTimeout(timer); }
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin || address.search) return;
  if (PARTS.includes(address.pathname) || VISIT.test(address.pathname)) event.respondWith(networkFirst(event.request, address.pathname));
});
