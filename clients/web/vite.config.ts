import { defineConfig, type Plugin } from "vite";

const ASSETS = "assets/web";
// The worker keeps these under their plain names; everything else is named by its content.
const SHELL = ["/", "/icon.svg", "/manifest.webmanifest"];

/** Tells the service worker which files make up the app, and a name that changes with them. */
function shellList(): Plugin {
  return {
    name: "shell-list",
    generateBundle(_, bundle) {
      const worker = bundle["sw.js"];
      if (worker?.type !== "chunk") throw new Error("the service worker is missing");
      const files = Object.keys(bundle)
        .filter((name) => name.startsWith(`${ASSETS}/`) && !name.endsWith(".map"))
        .map((name) => `/${name}`)
        .sort();
      worker.code = worker.code.replace(/(["'`])__SHELL__\1/, JSON.stringify([...SHELL, ...files]));
    },
  };
}

export default defineConfig({
  plugins: [shellList()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: { index: "index.html", sw: "src/sw/worker.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : `${ASSETS}/[name]-[hash].js`),
        chunkFileNames: `${ASSETS}/[name]-[hash].js`,
        assetFileNames: `${ASSETS}/[name]-[hash][extname]`,
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
