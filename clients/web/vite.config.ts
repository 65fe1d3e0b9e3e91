import { defineConfig, type Plugin } from "vite";

const ASSETS = "assets/web";
// The worker keeps these under their plain names; everything else is named by its content.
const SHELL = ["/", "/icon.svg", "/manifest.webmanifest"];

/** Tells the service worker which files make up the app, and a name that changes with them. */
function shellList(): Plugin {
  return {
    name: "shell-list",
    generateBundle: {
      // When Vite has taken out what the page does not need.
      order: "post",
      handler(_, bundle) {
        const worker = bundle["sw.js"];
        if (worker?.type !== "chunk") throw new Error("the service worker is missing");
        const files = Object.keys(bundle)
          .filter((name) => name.startsWith(`${ASSETS}/`) && !name.endsWith(".map"))
          .map((name) => `/${name}`)
          .sort();
        worker.code = worker.code.replace(
          /(["'`])__SHELL__\1/,
          JSON.stringify([...SHELL, ...files]),
        );
      },
    },
  };
}

// The first script asks for the token and decides what follows. Strangers need what is shared, all
// others the app too; the rest is asked for when home is there.
const FIRST = /\/src\/(boot|auth\/(token|known)|api\/early)\.ts$|vite\/preload-helper/;
const SHARED = /\/src\/(pages\/welcome|app\/(settings|updates))\.tsx?$/;
const BEGINNINGS = ["stranger", "main"];

/** Has these fetched together with the page, and not only when the first script asks for them. */
function early(): Plugin {
  return {
    name: "early",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((each) => each.type === "chunk");
        const wanted = BEGINNINGS.flatMap((name) => chunks.filter((each) => each.name === name));
        const files = new Set(wanted.flatMap(({ imports, fileName }) => [...imports, fileName]));
        const tags = [...files]
          .filter((file) => !html.includes(file))
          .map((file) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
            injectTo: "head" as const,
          }));
        // It need not wait for the styles, as scripts after them would.
        return { html: html.replace('<script type="module"', "$& async"), tags };
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
        codeSplitting: {
          groups: [
            { name: "first", test: FIRST, priority: 1 },
            { name: "shared", test: SHARED },
          ],
        },
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
