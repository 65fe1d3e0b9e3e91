/** Parts of the app that the first view does not need: loaded when they are shown, or before. */

import { signal } from "@preact/signals";
import type { ComponentChild, ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";

import { ApiError } from "../api/error";
import { Failure } from "../ui/failure";
import { Skeleton } from "../ui/parts";

interface Later<Props> {
  (props: Props): JSX.Element;
  /** Resolves when it is there, or cannot be. */
  prepare: () => Promise<void>;
}

export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: () => ComponentChild = () => <Skeleton kind="rows" />,
): Later<Props> {
  const found = signal<ComponentType<Props> | undefined>(undefined);
  const failed = signal(false);
  let loading: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    loading ??= load().then(
      (component) => {
        found.value = component;
      },
      () => {
        loading = undefined;
        failed.value = true;
      },
    );
    return loading;
  };
  function Part(props: Props) {
    useEffect(() => void prepare(), []);
    const Found = found.value;
    if (Found) return <Found {...props} />;
    if (!failed.value) return <>{meanwhile()}</>;
    // A browser remembers that a module did not come: only a new page asks again.
    return <Failure error={new ApiError(0, "")} again={() => location.reload()} />;
  }
  return Object.assign(Part, { prepare });
}
