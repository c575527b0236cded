/* The service worker: keeps the shell and its files, and nothing of anybody. What stands before
   this line (VERSION, SHELL, FILES) is written by the server. A page that cannot be reached is
   answered with the shell, which shows what lies in the device's own store. */
"use strict";

const CACHE = `kloe-shell-${VERSION}`;
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  const fresh = [SHELL, ...FILES].map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((n) => n.startsWith("kloe-shell-") && n !== CACHE).map((n) => caches.delete(n)));
    await self.clients.claim();
  })());
});

const kept = async (url) => (await caches.open(CACHE)).match(url, { ignoreSearch: true });

/* The network, as long as it answers in time. */
async function inTime(request, patience) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try { return await fetch(request, { signal: stop.signal }); } finally { clearTimeout(timer); }
}

async function shell(request) {
  try {
    const answer = await inTime(request, PATIENCE);
    if (answer.ok) await (await caches.open(CACHE)).put(SHELL, answer.clone());
    if (answer.status < 500) return answer;
  } catch { /* no network, or none that answers */ }
  return (await kept(SHELL)) || Response.error();
}

async function page(request) {
  try { return await fetch(request); } catch { return (await kept(SHELL)) || Response.error(); }
}

async function file(request, path) {
  const known = await kept(path);
  if (known && path.includes("/kloe/pocket/")) return known;
  try { return await (known ? inTime(request, PATIENCE) : fetch(request)); } catch { return known || Response.error(); }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(url.pathname === SHELL ? shell(request) : page(request));
  else if (FILES.includes(url.pathname)) event.respondWith(file(request, url.pathname));
});
