/** The service worker: registered once the page is there, and replaced by newer ones between visits. */

const WORKER = "/sw.js";

interface Policies {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): {
    createScriptURL(url: string): string;
  };
}

export function register(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const start = (): void => {
    navigator.serviceWorker.register(trusted(WORKER)).catch(() => undefined);
  };
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start, { once: true });
}

/** Where the page's policy asks for it, the only address of a script that is ever made from text. */
function trusted(url: string): string {
  const policies = (window as { trustedTypes?: Policies }).trustedTypes;
  const policy = policies?.createPolicy("cadenza", {
    createScriptURL: (wanted) => {
      if (wanted !== WORKER) throw new TypeError("not our worker");
      return wanted;
    },
  });
  return policy ? policy.createScriptURL(url) : url;
}
