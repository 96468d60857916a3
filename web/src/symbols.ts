// Symbols of kinds: a shape and a colour of Okabe and Ito's, the same as in reports (teisen.release.report.drawing).

const SHAPES: Record<string, string> = {
  circle: "M0-5A5 5 0 1 0 0 5A5 5 0 1 0 0-5Z",
  up: "M0-6L5.5 4.2H-5.5Z",
  down: "M0 6L5.5-4.2H-5.5Z",
  square: "M-4.6-4.6H4.6V4.6H-4.6Z",
  diamond: "M0-6.2L6.2 0 0 6.2-6.2 0Z",
  cross: "M-1.8-5.5H1.8V-1.8H5.5V1.8H1.8V5.5H-1.8V1.8H-5.5V-1.8H-1.8Z",
  star: "M0-6.5L1.7-2.1 6.3-2 2.6.9 3.9 5.4 0 2.8-3.9 5.4-2.6.9-6.3-2-1.7-2.1Z",
  bar: "M-6-2H6V2H-6Z",
};
const LOOKS: Record<string, [string, string]> = {
  "missile-strike": ["up", "vermilion"],
  "air-strike": ["down", "vermilion"],
  "drone-strike": ["diamond", "blue"],
  shelling: ["square", "orange"],
  "small-arms-fire": ["bar", "orange"],
  "ground-assault": ["cross", "orange"],
  "mine-or-ied": ["star", "orange"],
  "naval-force": ["down", "blue"],
  explosion: ["star", "vermilion"],
  "air-defence": ["cross", "sky"],
  fire: ["circle", "purple"],
  damage: ["square", "purple"],
  casualties: ["cross", "purple"],
};

export function colour(kind: string): string {
  const name = (LOOKS[kind] ?? ["circle", "grey"])[1];
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The symbol of a kind as pixels, twice as large as it is drawn. */
export function image(kind: string, edge: string): ImageData {
  const [shape, _] = LOOKS[kind] ?? ["circle", "grey"];
  const canvas = new OffscreenCanvas(40, 40);
  const pen = canvas.getContext("2d")!;
  pen.translate(20, 20);
  pen.scale(2.5, 2.5);
  const path = new Path2D(SHAPES[shape]);
  pen.fillStyle = colour(kind);
  pen.fill(path);
  pen.lineWidth = 0.9;
  pen.strokeStyle = edge;
  pen.stroke(path);
  return pen.getImageData(0, 0, 40, 40);
}
