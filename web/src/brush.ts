// A brush over the timeline: days from..to that the map shows. Dragged, or moved by arrow keys; without it every day
// of the drawing is a link.

export interface Days {
  from: number;
  to: number;
}

export class Brush {
  private readonly box = document.createElement("div");
  private playing = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly count: number,
    public days: Days,
    private readonly left: number,
    private readonly changed: (days: Days, settled: boolean) => void,
    label: string,
    private readonly told: (days: Days) => string,
  ) {
    this.box.className = "brush no-print";
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "slider");
    this.box.setAttribute("aria-label", label);
    this.box.setAttribute("aria-valuemin", "1");
    this.box.setAttribute("aria-valuemax", String(count));
    this.box.append(document.createElement("i"), document.createElement("i"));
    host.append(this.box);
    this.box.addEventListener("pointerdown", (event) => this.grab(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
    host.querySelector("svg")?.addEventListener("pointerdown", (event) => this.sweep(event as PointerEvent));
    this.draw();
  }

  show(days: Days, settled = true): void {
    const from = Math.max(0, Math.min(this.count - 1, days.from));
    this.days = { from, to: Math.max(from + 1, Math.min(this.count, days.to)) };
    this.draw();
    this.changed(this.days, settled);
  }

  /** Move day by day to the end, and say when it is over. */
  play(ended: () => void): void {
    const step = () => {
      if (this.days.to >= this.count) return this.stop(ended);
      this.show({ from: this.days.from + 1, to: this.days.to + 1 }, false);
    };
    if (this.days.to >= this.count) this.show({ from: 0, to: this.days.to - this.days.from }, false);
    this.playing = window.setInterval(step, 650);
  }

  stop(ended: () => void): void {
    window.clearInterval(this.playing);
    this.playing = 0;
    this.show(this.days);
    ended();
  }

  get isPlaying(): boolean {
    return this.playing !== 0;
  }

  private draw(): void {
    const step = (1 - this.left) / this.count;
    this.box.style.left = `${(this.left + this.days.from * step) * 100}%`;
    this.box.style.width = `${(this.days.to - this.days.from) * step * 100}%`;
    this.box.style.height = `${this.host.clientWidth * (104 / 960)}px`;
    this.box.setAttribute("aria-valuenow", String(this.days.from + 1));
    this.box.setAttribute("aria-valuetext", this.told(this.days));
  }

  private at(event: PointerEvent): number {
    const box = this.host.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width - this.left) / (1 - this.left);
    return share * this.count;
  }

  private grab(event: PointerEvent): void {
    event.preventDefault();
    this.box.focus();
    const handles = [...this.box.children];
    const edge = handles.indexOf(event.target as Element);
    const start = this.at(event);
    const before = { ...this.days };
    this.follow(event, (now) => {
      const moved = Math.round(now - start);
      if (edge === 0) return { from: Math.min(before.from + moved, before.to - 1), to: before.to };
      if (edge === 1) return { from: before.from, to: Math.max(before.to + moved, before.from + 1) };
      const kept = Math.max(-before.from, Math.min(this.count - before.to, moved));
      return { from: before.from + kept, to: before.to + kept };
    });
  }

  /** A drag over the drawing makes a new window; a click stays a click on a day's link. */
  private sweep(event: PointerEvent): void {
    if (event.button !== 0) return;
    const start = this.at(event);
    if (start < 0) return;
    let dragged = false;
    this.follow(event, (now) => {
      dragged ||= Math.abs(now - start) > 0.6;
      if (!dragged) return null;
      return { from: Math.floor(Math.min(start, now)), to: Math.ceil(Math.max(start, now)) };
    });
    const click = (other: Event) => {
      if (dragged) other.preventDefault();
    };
    this.host.addEventListener("click", click, { capture: true, once: true });
  }

  private follow(event: PointerEvent, days: (now: number) => Days | null): void {
    const move = (other: PointerEvent) => {
      const next = days(this.at(other));
      if (next) {
        other.preventDefault();
        this.show(next, false);
      }
    };
    const up = (other: PointerEvent) => {
      window.removeEventListener("pointermove", move);
      const next = days(this.at(other));
      if (next) this.show(next);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up, { once: true });
    event.target instanceof Element && event.target.closest("a")?.setAttribute("draggable", "false");
  }

  private key(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 7, PageDown: -7 }[event.key];
    const { from, to } = this.days;
    if (by !== undefined) {
      event.preventDefault();
      if (event.shiftKey) this.show({ from, to: to + by });
      else if (from + by >= 0 && to + by <= this.count) this.show({ from: from + by, to: to + by });
    } else if (event.key === "Home") this.show({ from: 0, to: to - from });
    else if (event.key === "End") this.show({ from: this.count - (to - from), to: this.count });
  }
}
