// A form that goes in later where there is no connection: kept on the device first, sent then, and told about.
import { fill } from "./address";
import { drop, keep, waiting, type Kept } from "./outbox";

const box = document.getElementById("outbox");
let sending = false;

interface Refusal {
  detail?: string;
  errors?: { where: string; what: string }[];
}

/** The token that a form brings back, of a page as the server gives it now; empty: nobody is signed in. */
async function token(): Promise<string> {
  const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) return "";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector<HTMLInputElement>("form[data-offline] input[name=csrf]")?.value ?? "";
}

/** null: it is on record. A text: it is refused, and why. */
async function send(one: Kept, csrf: string): Promise<string | null> {
  const body = new URLSearchParams([...one.fields, ["once", one.once], ["csrf", csrf], ["follow", "/account"]]);
  const answer = await fetch(one.action, { method: "POST", body, headers: { accept: "application/json" } });
  if (answer.ok) return null;
  if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
  const refusal = (await answer.json().catch(() => ({}))) as Refusal;
  const errors = (refusal.errors ?? []).map((error) => `${error.where}: ${error.what}`);
  return [refusal.detail ?? String(answer.status), ...errors].join(" ");
}

async function sendAll(): Promise<void> {
  if (sending) return;
  sending = true;
  let sent = 0;
  const refused: [Kept, string][] = [];
  let blocked = "";
  try {
    const all = await waiting();
    const csrf = all.length && navigator.onLine ? await token() : "";
    if (all.length && navigator.onLine && !csrf) blocked = box?.dataset.again ?? "";
    for (const one of csrf ? all : []) {
      const why = await send(one, csrf);
      if (why === null) {
        await drop(one.once);
        sent += 1;
      } else refused.push([one, why]);
    }
  } catch {
    // No connection, or the server is not well: it waits.
  } finally {
    sending = false;
  }
  await tell(sent, refused, blocked);
}

async function tell(sent: number, refused: [Kept, string][], blocked: string): Promise<void> {
  if (!box) return;
  const all = await waiting();
  const said = [
    sent ? fill(box.dataset.sent ?? "", { n: sent }) : "",
    all.length ? fill(box.dataset.kept ?? "", { n: all.length }) : "",
    blocked,
  ];
  box.hidden = said.every((text) => !text);
  box.querySelector("p")!.textContent = said.filter(Boolean).join(" ");
  box.querySelector("button")!.hidden = all.length === 0;
  const list = box.querySelector("ul")!;
  list.replaceChildren(
    ...refused.map(([one, why]) => {
      const item = document.createElement("li");
      item.textContent = `${box.dataset.refused} ${why} `;
      const undo = document.createElement("button");
      undo.type = "button";
      undo.className = "quiet small";
      undo.textContent = "✕";
      undo.setAttribute("aria-label", `✕ ${one.kept}`);
      undo.addEventListener("click", () => void drop(one.once).then(() => tell(0, [], "")));
      item.append(undo);
      return item;
    }),
  );
}

function fresh(): string {
  return [...crypto.getRandomValues(new Uint8Array(18))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function submitted(form: HTMLFormElement): Promise<void> {
  const fields: [string, string][] = [];
  for (const [name, value] of new FormData(form)) {
    if (name.startsWith("set.") && typeof value === "string" && value !== "") fields.push([name, value]);
  }
  const once = form.querySelector<HTMLInputElement>("[name=once]")!;
  await keep({ once: once.value, action: form.getAttribute("action")!, fields, kept: new Date().toISOString() });
  once.value = fresh();
  form.reset();
  await sendAll();
  box?.scrollIntoView({ block: "center" });
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-offline]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submitted(form);
  });
  const here = form.parentElement?.querySelector<HTMLButtonElement>("[data-here]");
  if (here && "geolocation" in navigator) {
    here.hidden = false;
    here.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        const values = { lat: coords.latitude.toFixed(5), lon: coords.longitude.toFixed(5), place_error_m: coords.accuracy.toFixed(0) };
        for (const [name, value] of Object.entries(values)) {
          const input = form.querySelector<HTMLInputElement>(`[name="set.${name}"]`);
          if (input) input.value = value;
        }
      });
    });
  }
}
box?.querySelector("button")?.addEventListener("click", () => void sendAll());
window.addEventListener("online", () => void sendAll());
void sendAll();
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js");
