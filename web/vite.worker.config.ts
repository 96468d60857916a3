// The service worker: one file without imports, beside the islands.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: new URL("../src/teisen/server/static/built/", import.meta.url).pathname,
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/worker.ts", formats: ["es"], fileName: () => "worker.js" },
  },
});
