// Checks the proofs of the entries that a page rests on, when the reader asks.
import { json } from "./address";
import { check, type Proof } from "./proof";

const list = document.getElementById("proofs");
const button = document.getElementById("check") as HTMLButtonElement | null;

async function checkAll(list: HTMLElement): Promise<void> {
  const said = list.dataset;
  let head: boolean | null = true;
  for (const item of list.querySelectorAll<HTMLElement>("[data-entry]")) {
    const place = item.querySelector("[role=status]")!;
    place.textContent = "…";
    const checked = await check(await json<Proof>(`/ledger/${item.dataset.entry}/proof.json`));
    place.textContent = `${checked.included ? "✓" : "✕"} ${checked.included ? said.ok : said.bad}`;
    place.className = checked.included ? "ok" : "bad";
    if (head !== false) head = checked.signed;
  }
  const line = list.querySelector("[data-head-line]") ?? list.appendChild(document.createElement("li"));
  line.setAttribute("data-head-line", "");
  line.textContent = head === null ? (said.old ?? "") : `${head ? "✓" : "✕"} ${said.head}: ${head ? said.valid : said.invalid}`;
  line.className = head === null ? "" : head ? "ok" : "bad";
}

if (list && button && "subtle" in crypto) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    void checkAll(list).finally(() => (button.disabled = false));
  });
}
