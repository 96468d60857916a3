// What has to be one file without imports: the service worker, and the intake form that it keeps for later.
// The mode is the entry's name.
import { defineConfig } from "vite";

export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: {
    outDir: new URL("../src/teisen/server/static/built/", import.meta.url).pathname,
    emptyOutDir: false,
    target: "es2022",
    minify: true,
    lib: { entry: `src/${mode}.ts`, formats: ["es"], fileName: () => `${mode}.js` },
  },
}));
