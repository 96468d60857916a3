// Review by keyboard: every act on the page has a key, which opens its form and goes to its first field. Forms are sent
// as they are without scripts; nothing is decided here.
import { fill } from "./address";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** The subject that keys act on: the one that has the focus, else the first. */
function subject(): HTMLElement | null {
  const within = document.activeElement?.closest<HTMLElement>("[data-subject]");
  return within ?? document.querySelector<HTMLElement>("[data-subject]");
}

function open(key: string): boolean {
  const form = subject()?.querySelector<HTMLDetailsElement>(`details[data-act="${key}"]`);
  if (!form) return false;
  form.open = true;
  form.scrollIntoView({ block: "nearest" });
  form.querySelector<HTMLElement>("textarea, select, input:not([type=hidden])")?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target instanceof HTMLElement) {
    event.target.closest("form")?.requestSubmit();
    return;
  }
  if (event.key === "Escape" && typing(event.target)) {
    const details = (event.target as HTMLElement).closest("details");
    if (details) {
      details.open = false;
      details.querySelector("summary")?.focus();
    }
    return;
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const link = { j: "next", k: "prev" }[event.key];
  if (link) document.querySelector<HTMLAnchorElement>(`main a[rel="${link}"]`)?.click();
  else if (open(event.key)) event.preventDefault();
});

const work = document.getElementById("work");
if (work) {
  const events = new EventSource("/events");
  events.addEventListener("deriving", (event) => {
    work.textContent = fill(work.dataset.deriving ?? "", JSON.parse((event as MessageEvent<string>).data) as Record<string, string>);
  });
  events.addEventListener("derived", () => (work.textContent = work.dataset.derived ?? ""));
  events.addEventListener("failed", () => (work.textContent = work.dataset.failed ?? ""));
  window.addEventListener("pagehide", () => events.close());
}
document.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
