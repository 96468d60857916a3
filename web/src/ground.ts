// The style of the base map, in light and dark, and the sources that it is drawn from.
import type { ExpressionSpecification, StyleSpecification } from "maplibre-gl";

export function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export const EMPTY = { type: "FeatureCollection" as const, features: [] };
const FONT = ["Noto Sans", "Noto Sans JP", "Noto Sans JP Variable", "sans-serif"];
/** Metres of one pixel at zoom 0 on the equator: 40,075,016.7 m over 512 pixels. */
const METRES = 78271.5;

export function metres(property: string): ExpressionSpecification {
  const zero: ExpressionSpecification = ["/", ["get", property], METRES];
  return ["interpolate", ["exponential", 2], ["zoom"], 0, zero, 20, ["*", zero, 2 ** 20]];
}

export function style(language: string): StyleSpecification {
  const [land, sea, strong, soft, fg] = ["--land", "--sea", "--strong", "--soft", "--fg"].map(css);
  const of = (layer: string): ExpressionSpecification => ["==", ["get", "layer"], layer];
  const name: ExpressionSpecification = ["coalesce", ["get", language], ["get", "en"]];
  const both: ExpressionSpecification = [
    "case",
    ["all", ["has", "local"], ["!=", ["get", "local"], name]],
    ["format", name, {}, "\n", {}, ["get", "local"], { "font-scale": 0.82, "text-color": soft! }],
    name,
  ];
  return {
    version: 8,
    sources: {
      base: { type: "geojson", data: EMPTY, tolerance: 0.2 },
      regions: { type: "geojson", data: EMPTY, promoteId: "id" },
      line: { type: "geojson", data: EMPTY },
      sites: { type: "geojson", data: EMPTY },
      incidents: { type: "geojson", data: EMPTY, tolerance: 0, maxzoom: 12 },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": sea } },
      { id: "land", type: "fill", source: "base", filter: of("land"), paint: { "fill-color": land } },
      { id: "lake", type: "fill", source: "base", filter: of("lake"), paint: { "fill-color": sea } },
      { id: "river", type: "line", source: "base", filter: of("river"), paint: { "line-color": sea, "line-width": 1.6 } },
      { id: "region", type: "fill", source: "regions", layout: { visibility: "none" }, paint: { "fill-opacity": 0.62 } },
      { id: "region-edge", type: "line", source: "regions", paint: { "line-color": strong, "line-width": 0.5, "line-opacity": 0.5 } },
      { id: "border", type: "line", source: "base", filter: of("border"), paint: { "line-color": strong, "line-width": 1.3 } },
      {
        id: "contested", type: "line", source: "base", filter: of("contested"),
        paint: { "line-color": strong, "line-width": 1.3, "line-dasharray": [3, 2.5] },
      },
      { id: "zone", type: "line", source: "line", filter: of("zone"), paint: { "line-color": fg, "line-width": 1.4, "line-dasharray": [4, 2] } },
      { id: "contact", type: "line", source: "line", filter: of("line"), paint: { "line-color": fg, "line-width": 2.4 } },
      {
        id: "site", type: "circle", source: "sites", layout: { visibility: "none" },
        paint: { "circle-radius": 3, "circle-color": "transparent", "circle-stroke-color": css("--grey"), "circle-stroke-width": 1.4 },
      },
      {
        id: "town", type: "symbol", source: "base", filter: of("town"),
        layout: {
          "text-field": ["step", ["zoom"], name, 6, both], "text-font": FONT, "text-size": ["interpolate", ["linear"], ["zoom"], 3, 10, 9, 13],
          "text-radial-offset": 0.4, "text-variable-anchor": ["left", "right", "top", "bottom"], "symbol-sort-key": ["get", "rank"],
          "text-justify": "auto", "text-padding": 6,
        },
        paint: { "text-color": fg, "text-halo-color": land, "text-halo-width": 1.4 },
      },
      {
        id: "error", type: "circle", source: "incidents",
        paint: {
          "circle-radius": metres("r"), "circle-color": ["get", "c"], "circle-opacity": 0.05,
          "circle-stroke-color": ["get", "c"], "circle-stroke-opacity": 0.3, "circle-stroke-width": 0.7,
        },
      },
      {
        id: "dot", type: "circle", source: "incidents", layout: { visibility: "none" },
        paint: {
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, 2, 9, 5], "circle-color": ["get", "c"],
          "circle-opacity": ["+", 0.25, ["*", 0.007, ["get", "p"]]],
          "circle-stroke-width": ["case", [">=", ["get", "v"], 50], 1.6, 0], "circle-stroke-color": fg,
        },
      },
      {
        id: "ring", type: "circle", source: "incidents", filter: [">=", ["get", "v"], 5],
        paint: {
          "circle-radius": 10, "circle-color": "transparent", "circle-stroke-color": fg,
          "circle-stroke-width": ["case", [">=", ["get", "v"], 50], 2.2, 1],
        },
      },
      {
        id: "mark", type: "symbol", source: "incidents",
        layout: {
          "icon-image": ["get", "i"], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": 0.9,
          "symbol-sort-key": ["get", "p"],
        },
        paint: { "icon-opacity": ["+", 0.3, ["*", 0.007, ["get", "p"]]] },
      },
    ],
    transition: { duration: 0 },
  } as StyleSpecification;
}
