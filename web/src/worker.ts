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
  await keep(url, await fetch(url.pathname, { headers: { accept: "text/html" } }));
}

/** A page is kept after its files, and only with all of them: what is there without a connection is whole. */
async function keep(url: URL, answer: Response): Promise<void> {
  if (!answer.ok || answer.redirected) return;
  const store = await caches.open(KEPT);
  const text = await answer.clone().text();
  const files = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]!);
  const added = await Promise.allSettled(files.map(async (file) => (await store.match(file)) ?? (await store.add(file))));
  if (added.every((one) => one.status === "fulfilled")) await store.put(url.pathname, answer);
}

async function fromServer(event: FetchEvent, url: URL): Promise<Response> {
  try {
    const answer = await fetch(event.request);
    event.waitUntil(keep(url, answer.clone()));
    return answer;
  } catch (error) {
    const kept = await (await caches.open(KEPT)).match(url.pathname);
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
  if (event.request.mode === "navigate" && PAGES.includes(url.pathname)) event.respondWith(fromServer(event, url));
  else if (url.pathname.startsWith("/static/") && url.search) event.respondWith(file(event.request));
});
