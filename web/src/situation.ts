// The map and the timeline of the situation page, linked: the brush says which days the map shows, the controls which
// incidents, and the address keeps both.
import { LngLatBounds, Map as GlMap, NavigationControl, Popup, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { ExpressionSpecification, FilterSpecification, GeoJSONSource, MapGeoJSONFeature } from "maplibre-gl";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import { chosen, fill, json, remember } from "./address";
import { Brush, type Days } from "./brush";
import { css, style } from "./ground";
import { colour, image } from "./symbols";

setWorkerUrl(worker);

interface Columns {
  kinds: string[];
  n: number[];
  x: number[];
  y: number[];
  e: number[];
  t: number[];
  k: number[];
  p: number[];
  v: number[];
}
type Layer = Record<string, { sight: string; ignorance: number | null }>;

/** From here on incidents are drawn as dots, which stay quick with 100,000 of them. */
const MOST_SYMBOLS = 20_000;
const DAY = 24 * 60;
const SIGHT: Record<string, string> = {
  probably: "#2f7d5b",
  perhaps: "#86bda2",
  hardly: "#d9c9a3",
  blind: "#7a6a86",
  unstated: "#b9bec6",
  unknown: "#b9bec6",
};

class Situation {
  private readonly data: DOMStringMap;
  private readonly map: GlMap;
  private readonly brush: Brush;
  private columns: Columns | null = null;
  private layer: Layer = {};
  private readonly titles: Record<string, string> = {};
  private readonly note: HTMLElement;

  constructor(
    private readonly host: HTMLElement,
    private readonly controls: HTMLElement,
    timeline: HTMLElement,
  ) {
    this.data = host.dataset;
    const titles = (this.data.titles ?? "").split("|");
    (this.data.kinds ?? "").split(",").forEach((kind, n) => (this.titles[kind] = titles[n] ?? kind));
    this.note = host.querySelector(".note")!;
    this.map = this.made();
    const count = Number(timeline.querySelector("svg")?.dataset.days ?? 1);
    this.brush = new Brush(
      timeline, count, this.daysAsked(), 44 / 960,
      (days, settled) => this.shown(days, settled), timeline.dataset.brush ?? "",
      (days) => `${this.date(days.from)} – ${this.date(days.to - 1)}`,
    );
    this.restoreControls();
    this.map.on("load", () => this.asked(this.filled()));
  }

  private made(): GlMap {
    const box = (this.data.box ?? "").split(",").map(Number);
    const at = chosen("at").split(",").map(Number);
    const there = at.length === 3 && at.every(Number.isFinite);
    const map = new GlMap({
      container: this.host.querySelector<HTMLElement>(".canvas")!,
      style: style(document.documentElement.lang),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxZoom: 14,
      fadeDuration: 0,
      ...(there ? { center: [at[0]!, at[1]!], zoom: at[2]! } : box.length === 4 ? { bounds: new LngLatBounds(box as never) } : {}),
    });
    map.touchZoomRotate.disableRotation();
    map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new ScaleControl({}), "bottom-right");
    map.on("moveend", (event) => {
      if (!event.originalEvent) return;
      const { lng, lat } = map.getCenter();
      remember({ at: [lng.toFixed(3), lat.toFixed(3), map.getZoom().toFixed(2)].join(",") });
    });
    for (const layer of ["mark", "dot"]) {
      map.on("click", layer, (event) => this.told(event.features?.[0], event.lngLat));
      map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
      map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
    }
    return map;
  }

  private source(name: string): GeoJSONSource {
    return this.map.getSource(name) as GeoJSONSource;
  }

  /** What is asked of the server may not come: the person is told, and what is there already stays. */
  private asked(work: Promise<unknown>): void {
    work.catch(() => {
      this.note.hidden = false;
      this.note.textContent = this.data.away ?? "";
    });
  }

  private async filled(): Promise<void> {
    const tag = `tag=${encodeURIComponent(this.data.tag ?? "")}`;
    const day = `day=${this.data.day}`;
    const [base, line, columns] = await Promise.all([
      json<GeoJSON.GeoJSON>(`/map/base.json?${tag}`),
      json<GeoJSON.GeoJSON>(`/map/line.json?${day}&${tag}`),
      json<Columns>(`/map/incidents.json?${tag}`),
    ]);
    this.source("base").setData(base);
    this.source("line").setData(line);
    this.columns = columns;
    for (const kind of columns.kinds) this.map.addImage(kind, image(kind, css("--card")), { pixelRatio: 2 });
    const many = columns.n.length > MOST_SYMBOLS;
    for (const layer of ["mark", "ring"]) this.visible(layer, !many);
    this.visible("dot", many);
    this.source("incidents").setData(this.features(columns));
    this.shown(this.brush.days, false);
    this.map.once("idle", () => {
      this.host.classList.add("live");
      this.host.dataset.ready = "1";
    });
    await this.regions(tag, day);
  }

  private async regions(tag: string, day: string): Promise<void> {
    this.source("regions").setData(await json<GeoJSON.GeoJSON>(`/map/regions.json?${day}&${tag}`));
    await this.showLayer();
  }

  private features(all: Columns): GeoJSON.FeatureCollection {
    const colours = all.kinds.map(colour);
    const features = all.n.map((n, i): GeoJSON.Feature => {
      const lat = all.y[i]! / 1e4;
      const kind = all.k[i]!;
      return {
        type: "Feature",
        geometry: { type: "Point", coordinates: [all.x[i]! / 1e4, lat] },
        properties: {
          n, e: all.e[i], r: all.e[i]! / Math.cos((lat * Math.PI) / 180), t: all.t[i], i: all.kinds[kind],
          c: colours[kind], p: all.p[i], v: all.v[i],
        },
      };
    });
    return { type: "FeatureCollection", features };
  }

  private control<T extends HTMLElement>(name: string): T {
    return this.controls.querySelector<T>(`[name="${name}"]`)!;
  }

  private restoreControls(): void {
    const [layer, kind, p] = [this.control<HTMLSelectElement>("layer"), this.control<HTMLSelectElement>("kind"), this.control<HTMLInputElement>("p")];
    layer.value = chosen("layer");
    kind.value = chosen("kind");
    p.value = chosen("p", "0");
    this.control<HTMLInputElement>("error").checked = chosen("error", "1") === "1";
    this.control<HTMLInputElement>("sites").checked = chosen("sites") === "1";
    this.controls.hidden = false;
    this.controls.addEventListener("input", () => this.chose());
    const play = this.control<HTMLButtonElement>("play");
    const face = play.textContent ?? "";
    play.addEventListener("click", () => {
      const ended = () => {
        play.textContent = face;
        play.setAttribute("aria-pressed", "false");
      };
      if (this.brush.isPlaying) return this.brush.stop(ended);
      play.textContent = "❚❚";
      play.setAttribute("aria-pressed", "true");
      this.brush.play(ended);
    });
    this.control("reset").addEventListener("click", () => {
      layer.value = kind.value = "";
      p.value = "0";
      remember({ at: null });
      const box = (this.data.box ?? "").split(",").map(Number);
      if (box.length === 4) this.map.fitBounds(new LngLatBounds(box as never), { animate: false });
      this.brush.show(this.ofDay());
      this.chose();
    });
  }

  private chose(): void {
    const at = (name: string) => this.control<HTMLInputElement>(name);
    remember({
      layer: at("layer").value, kind: at("kind").value, p: at("p").value === "0" ? null : at("p").value,
      error: at("error").checked ? null : "0", sites: at("sites").checked ? "1" : null,
    });
    this.shown(this.brush.days, true);
    this.asked(this.showLayer());
  }

  private async showLayer(): Promise<void> {
    const which = this.control<HTMLSelectElement>("layer").value;
    const legend = document.getElementById("layer-legend")!;
    legend.hidden = which === "";
    for (const item of legend.querySelectorAll<HTMLElement>("[data-layer]")) item.hidden = item.dataset.layer !== which;
    if (!this.map.getLayer("region")) return;
    this.visible("region", which !== "");
    if (which === "") return;
    this.layer = await json<Layer>(`/map/day.json?day=${this.date(this.brush.days.from)}`);
    const paint: unknown[] = ["match", ["get", "id"]];
    for (const [id, { sight, ignorance }] of Object.entries(this.layer)) {
      paint.push(id, which === "sight" ? (SIGHT[sight] ?? SIGHT.unstated) : ramp(ignorance));
    }
    const colours = paint.length > 3 ? ([...paint, "#b9bec6"] as unknown as ExpressionSpecification) : "#b9bec6";
    this.map.setPaintProperty("region", "fill-color", colours);
  }

  private shown(days: Days, settled: boolean): void {
    const at = (name: string) => this.control<HTMLInputElement>(name);
    const least = Number(at("p").value);
    this.controls.querySelector("output")!.textContent = `${Math.round(least * 100)} %`;
    if (settled) {
      const own = this.ofDay();
      const same = own.from === days.from && own.to === days.to;
      remember({ from: same ? null : this.date(days.from), to: same ? null : this.date(days.to - 1) });
      this.asked(this.showLayer());
    }
    if (!this.columns || !this.map.getLayer("mark")) return;
    const [start, end, kind] = [days.from * DAY, days.to * DAY, at("kind").value];
    const wanted: ExpressionSpecification[] = [
      [">=", ["get", "t"], start], ["<", ["get", "t"], end], [">=", ["get", "p"], least * 100],
    ];
    if (kind) wanted.push(["==", ["get", "i"], kind]);
    const filter = ["all", ...wanted] as FilterSpecification;
    for (const layer of ["mark", "dot"]) this.map.setFilter(layer, filter);
    this.map.setFilter("error", filter);
    this.map.setFilter("ring", ["all", [">=", ["get", "v"], 5], ...wanted] as FilterSpecification);
    this.visible("error", at("error").checked);
    this.visible("site", at("sites").checked);
    if (at("sites").checked && !this.host.dataset.sites) {
      this.host.dataset.sites = "1";
      this.asked(json<GeoJSON.GeoJSON>("/map/sites.json").then((found) => this.source("sites").setData(found)));
    }
    const { t, p, k, kinds } = this.columns;
    const n = t.filter(
      (at, i) => at >= start && at < end && p[i]! >= least * 100 && (!kind || kinds[k[i]!] === kind),
    ).length;
    this.note.hidden = false;
    this.note.textContent = fill(this.data.count ?? "", { n, from: this.date(days.from), to: this.date(days.to - 1) });
  }

  private told(feature: MapGeoJSONFeature | undefined, at: { lng: number; lat: number }): void {
    if (!feature) return;
    const { n, e, i, p } = feature.properties as { n: number; e: number; i: string; p: number };
    const body = document.createElement("div");
    const head = document.createElement("b");
    head.textContent = this.titles[i] ?? i;
    const says = document.createElement("div");
    const error = fill(this.data.error ?? "", { m: e >= 1000 ? `${(e / 1000).toFixed(1)} km` : `${e} m` });
    says.textContent = `${fill(this.data.chance ?? "", { p: `${p} %` })}; ${error}`;
    const link = document.createElement("a");
    link.href = `/map/incident/${n}?tag=${encodeURIComponent(this.data.tag ?? "")}`;
    link.textContent = this.data.open ?? "";
    body.append(head, says, link);
    new Popup({ maxWidth: "18rem" }).setLngLat(at).setDOMContent(body).addTo(this.map);
  }

  private visible(layer: string, yes: boolean): void {
    this.map.setLayoutProperty(layer, "visibility", yes ? "visible" : "none");
  }

  private ofDay(): Days {
    const from = this.index(this.data.day ?? "");
    return { from, to: from + 1 };
  }

  private daysAsked(): Days {
    const [from, to] = [chosen("from"), chosen("to")];
    return from && to ? { from: this.index(from), to: this.index(to) + 1 } : this.ofDay();
  }

  private index(day: string): number {
    return Math.round((Date.parse(day) - Date.parse(this.data.first ?? "")) / 86_400_000);
  }

  private date(n: number): string {
    return new Date(Date.parse(this.data.first ?? "") + n * 86_400_000).toISOString().slice(0, 10);
  }
}

/** Light to dark violet; grey where there is no number. */
function ramp(value: number | null): string {
  if (value === null) return "#b9bec6";
  const share = Math.min(1, Math.log1p(value) / Math.log1p(12));
  const mix = (a: number, b: number) => Math.round(a + (b - a) * share);
  return `rgb(${mix(239, 91)},${mix(233, 58)},${mix(244, 120)})`;
}

const [host, controls, timeline] = ["map", "controls", "timeline"].map((id) => document.getElementById(id));
if (host && controls && timeline) {
  try {
    new Situation(host, controls, timeline);
  } catch {
    const note = host.querySelector<HTMLElement>(".note")!;
    note.hidden = false;
    note.textContent = host.dataset.nogl ?? "";
  }
}
