// Islands of the pages: one entry each, with a name that stays, so that templates can name it.
import { defineConfig } from "vite";

const built = new URL("../src/teisen/server/static/built/", import.meta.url).pathname;

export default defineConfig({
  base: "/static/built/",
  publicDir: false,
  worker: { format: "es" },
  build: {
    outDir: built,
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 1400,
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: ["situation", "incident", "review", "fresh", "japanese"].map((name) => `src/${name}.ts`),
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith(".woff2")) ? "fonts/[name]-[hash][extname]" : "[name][extname]",
      },
    },
  },
});
