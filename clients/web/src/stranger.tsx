/** For those who are not signed in: all that they need, without the app. */

import { render } from "preact";

import { apply } from "./app/settings";
import { register } from "./app/updates";
import { Welcome } from "./pages/welcome";

async function run(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) throw new Error("the page has no place for the app");
  await apply();
  render(<Welcome />, root);
  register();
}

void run();
