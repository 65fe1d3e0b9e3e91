import { useEffect } from "preact/hooks";

import { restoreScroll } from "../app/router";
import { t } from "../i18n";

/** Names the page in the window and for screen readers, and goes back to where it was left. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title === undefined) return;
    document.title = `${title} · ${t("app.name")}`;
    restoreScroll();
  }, [title]);
}
