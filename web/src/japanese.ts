// Noto Sans JP, cut into slices: a browser fetches those whose signs stand on the page.
import "@fontsource-variable/noto-sans-jp/index.css";
