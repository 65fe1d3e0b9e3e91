import { useEffect } from "preact/hooks";

import { me, status } from "../auth/session";
import { t } from "../i18n";
import { Home } from "../pages/home";
import { Callback, Welcome } from "../pages/welcome";
import { later } from "./later";
import { Layout } from "./layout";
import { isHome, path, visit } from "./router";

export const Others = later(() => import("./rest").then((rest) => rest.Others));

export function App() {
  useFocusOnNavigation();
  const who = status.value;
  if (path.value === "/callback" && who !== "in") return <Callback />;
  // Whoever was here last is expected to be here again.
  if (who === "starting" && !me.value) return <Starting />;
  if (who === "out") return <Welcome />;
  return <Layout>{isHome.value ? <Home /> : <Others />}</Layout>;
}

/** Those who hear the page rather than see it are taken to its beginning. */
function useFocusOnNavigation(): void {
  const count = visit.value;
  useEffect(() => {
    if (count > 0) document.getElementById("content")?.focus({ preventScroll: true });
  }, [count]);
}

function Starting() {
  return (
    <p class="starting" role="status">
      <span class="unseen">{t("welcome.starting")}</span>
    </p>
  );
}
