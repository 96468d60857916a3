// Offers to load the page again once there is a newer state; never does so by itself.
// It listens only while the page is looked at: a browser keeps few connections to one server, whatever the tabs.
const offer = document.getElementById("fresh");

if (offer) {
  let known = Number(offer.dataset.size);
  let events: EventSource | null = null;
  const told = (event: MessageEvent<string>): void => {
    const { ledger_size: size } = JSON.parse(event.data) as { ledger_size: number };
    if (size <= known) return;
    known = size;
    offer.hidden = false;
  };
  const turn = (): void => {
    if (document.hidden) {
      events?.close();
      events = null;
    } else if (!events) {
      events = new EventSource("/events");
      events.addEventListener("state", told);
    }
  };
  offer.querySelector("[data-again]")?.addEventListener("click", () => location.reload());
  offer.querySelector("[data-later]")?.addEventListener("click", () => (offer.hidden = true));
  document.addEventListener("visibilitychange", turn);
  window.addEventListener("pagehide", () => {
    events?.close();
    events = null;
  });
  window.addEventListener("pageshow", turn);
  turn();
}
