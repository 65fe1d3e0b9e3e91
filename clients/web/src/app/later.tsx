/** Parts of the app that the first view does not need: loaded when they are shown, or before. */

import { signal } from "@preact/signals";
import type { ComponentChild, ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";

import { ApiError } from "../api/error";
import { Failure } from "../ui/failure";
import { Skeleton } from "../ui/parts";

interface Later<Props> {
  (props: Props): JSX.Element;
  /** Resolves when it is there, or cannot be for now. */
  prepare: () => Promise<void>;
}

/** `meanwhile` is shown until it is there; where that fails, it comes with the network. */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: () => ComponentChild = () => <Skeleton kind="rows" />,
): Later<Props> {
  const found = signal<ComponentType<Props> | undefined>(undefined);
  const failed = signal(false);
  let loading: Promise<void> | undefined;

  function prepare(): Promise<void> {
    if (loading) return loading;
    const styled = failed.value ? missingStyles() : Promise.resolve();
    loading = styled.then(load).then(
      (component) => {
        found.value = component;
      },
      () => {
        loading = undefined;
        failed.value = true;
        window.addEventListener("online", () => void prepare(), { once: true });
      },
    );
    return loading;
  }

  async function insist(): Promise<void> {
    await prepare();
    // Some browsers remember that a module did not come: then only a new page asks again.
    if (!found.value && navigator.onLine) location.reload();
  }

  function Part(props: Props) {
    useEffect(() => void prepare(), []);
    const Found = found.value;
    if (Found) return <Found {...props} />;
    if (!failed.value) return <>{meanwhile()}</>;
    return <Failure error={new ApiError(0, "")} again={() => void insist()} />;
  }
  return Object.assign(Part, { prepare });
}

const missing = new Set<HTMLLinkElement>();

document.addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") missing.add(target);
  },
  true,
);

/** Asks again for those that did not come, since a link asks only once; rejects if one does not. */
async function missingStyles(): Promise<void> {
  const links = [...missing];
  missing.clear();
  await Promise.all(
    links.map((link) => {
      const again = link.cloneNode() as HTMLLinkElement;
      const settled = new Promise((resolve, reject) => {
        again.addEventListener("load", resolve);
        again.addEventListener("error", reject);
      });
      link.replaceWith(again);
      return settled;
    }),
  );
}
