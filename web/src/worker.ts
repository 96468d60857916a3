// The service worker: the intake pages and their files are there without a connection. Everything else goes to the
// server as ever; nothing that was released to somebody is kept here.

const worker = self as unknown as ServiceWorkerGlobalScope;
const KEPT = "teisen-intake-1";
const PAGES = ["/intake", "/allege"];

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
    await worker.clients.claim();
    // The page that registered this worker was loaded before it: keep that page and its files now.
    for (const client of await worker.clients.matchAll({ type: "window" })) await page(new URL(client.url));
  };
  event.waitUntil(old());
});

async function page(url: URL): Promise<void> {
  if (!PAGES.includes(url.pathname)) return;
  const store = await caches.open(KEPT);
  const answer = await fetch(url.pathname, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const text = await answer.clone().text();
  await store.put(url.pathname, answer);
  const files = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]!);
  await Promise.allSettled(files.map((file) => store.add(file)));
}

async function fromServer(request: Request, url: URL): Promise<Response> {
  const store = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await store.put(url.pathname, answer.clone());
    return answer;
  } catch (error) {
    const kept = await store.match(url.pathname);
    if (kept) return kept;
    throw error;
  }
}

async function file(request: Request): Promise<Response> {
  const store = await caches.open(KEPT);
  const kept = await store.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  const named = new URL(request.url);
  if (answer.ok && named.search) await store.put(request, answer.clone());
  return answer;
}

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (event.request.mode === "navigate" && PAGES.includes(url.pathname)) event.respondWith(fromServer(event.request, url));
  else if (url.pathname.startsWith("/static/") && url.search) event.respondWith(file(event.request));
});
