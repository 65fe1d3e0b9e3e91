import { useEffect, useState } from "preact/hooks";

import { navigate, path, query } from "../app/router";
import { finish, signIn } from "../auth/session";
import { t } from "../i18n";
import { Notice } from "../ui/notice";
import { useTitle } from "./title";

/** For those who are not signed in. */
export function Welcome() {
  const back = path.value === "/callback" ? "/" : path.value + location.search;
  useTitle(t("welcome.title"));
  return (
    <main id="content" class="welcome">
      <div class="welcome-bars" aria-hidden="true">
        {BARS.map((height, index) => (
          <i key={index} style={{ "--height": height, "--delay": index }} />
        ))}
      </div>
      <div class="welcome-text">
        <span class="brand">
          <img src="/icon.svg" alt="" width="40" height="40" />
          {t("app.name")}
        </span>
        <h1>{t("welcome.title")}</h1>
        <p>{t("welcome.text")}</p>
        <div class="actions">
          <button class="button main large" onClick={() => void signIn(back)}>
            {t("welcome.sign-in")}
          </button>
          <a class="button large" href="/signup">
            {t("welcome.sign-up")}
          </a>
        </div>
      </div>
    </main>
  );
}

const BARS = [
  0.34, 0.5, 0.42, 0.66, 0.58, 0.8, 0.7, 0.94, 0.76, 0.62, 0.86, 0.98, 0.72, 0.54, 0.68, 0.44,
  0.58, 0.36, 0.48, 0.3, 0.4, 0.24, 0.34, 0.2,
];

/** Where the sign-in page sends people back to. */
export function Callback() {
  const [failed, setFailed] = useState("");
  useEffect(() => {
    finish(query.value).then(
      (to) => navigate(to, { replace: true }),
      (error: Error) => setFailed(error.message),
    );
  }, []);
  return (
    <main id="content" class="welcome">
      {failed ? (
        <Notice title={t("welcome.failed")} text={failed}>
          <button class="button main" onClick={() => void signIn("/")}>
            {t("welcome.again")}
          </button>
        </Notice>
      ) : (
        <p class="quiet" role="status">
          {t("welcome.signing-in")}
        </p>
      )}
    </main>
  );
}
