/** Loaded before the app, which is larger: the token is under way while the app still is. */

import "@fontsource-variable/figtree/wght.css";
import "./ui/styles/index.css";

import { KNOWN } from "./auth/known";
import { token } from "./auth/token";

// The page that the sign-in leads back to gets its token by the code.
const isReturning = location.pathname === "/callback";
if (!isReturning && localStorage.getItem(KNOWN) !== null) token().catch(() => undefined);

void import("./main");
