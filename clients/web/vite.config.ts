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

const FIRST = /\/src\/(api\/error|auth\/(token|known))\.ts$|vite\/preload-helper/;
const APART = /\/src\/(boot|i18n\/de|pages\/(studio|release)|studio\/|sw\/)/;

function isApp(id: string): boolean {
  return /\/(src|node_modules)\/.*\.(m?js|tsx?)$/.test(id) && !APART.test(id);
}

/** Has the app fetched together with the page, and not only when the first script asks for it. */
function early(): Plugin {
  return {
    name: "early",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const app = Object.values(bundle ?? {}).find(
          (each) => each.type === "chunk" && each.name === "app",
        );
        if (!app) return [];
        const attrs = { rel: "modulepreload", href: `/${app.fileName}` };
        return [{ tag: "link", attrs, injectTo: "head" }];
      },
    },
  };
}

export default defineConfig({
  plugins: [shellList(), early()],
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
        // Few files: the first script with the token, the app, and what few people need.
        codeSplitting: {
          groups: [
            { name: "token", test: FIRST, priority: 1 },
            { name: "app", test: isApp },
          ],
        },
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
