/** Loaded before everything else, and small: what the first view waits for is under way early. */

import "@fontsource-variable/figtree/wght.css";
import "./ui/styles/index.css";

import { askEarly, newReleasesPath } from "./api/early";
import type { Me } from "./api/types";
import { isKnown, profile } from "./auth/known";
import { token } from "./auth/token";
import { wanted } from "./i18n/language";

// The page that the sign-in leads back to gets its token by the code.
const isReturning = location.pathname === "/callback";

if (wanted() === "de") void import("./i18n/de");
if (isKnown() && !isReturning) begin();
void (isKnown() || isReturning ? import("./main") : import("./stranger"));

function begin(): void {
  token().catch(() => undefined);
  const market = profile<Me>()?.country;
  if (market && location.pathname === "/") askEarly(newReleasesPath(market));
}
