import { CloudOff, Lock, SearchX, TriangleAlert } from "lucide-preact";

import type { ApiError } from "../api/error";
import { t } from "../i18n";
import { Notice } from "./notice";

/** What went wrong, in words, and a way on. */
export function Failure({ error, again }: { error: ApiError; again: () => void }) {
  if (error.status === 400 || error.isMissing) {
    return (
      <Notice
        icon={<SearchX />}
        title={t("error.missing")}
        text={t("error.missing.text")}
      >
        <a class="button" href="/">
          {t("nav.home")}
        </a>
      </Notice>
    );
  }
  if (error.status === 403) return <Notice icon={<Lock />} title={t("error.forbidden")} />;
  const offline = error.isOffline;
  return (
    <Notice
      icon={offline ? <CloudOff /> : <TriangleAlert />}
      title={t(offline ? "error.offline" : "error.server")}
      text={t(offline ? "error.offline.text" : "error.server.text")}
    >
      <button class="button" onClick={again}>
        {t("action.retry")}
      </button>
      {offline && (
        <a class="button" href="/downloads">
          {t("nav.downloads")}
        </a>
      )}
    </Notice>
  );
}
