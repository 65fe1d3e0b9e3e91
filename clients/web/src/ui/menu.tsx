/** A menu that opens beside its button: arrows move in it, Escape closes it. */

import { Ellipsis } from "lucide-preact";
import { render, type ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Item {
  label: string;
  icon?: ComponentChildren;
  action?: () => void;
  href?: string;
  /** Opens another menu in place of this one. */
  items?: () => Item[];
  isDisabled?: boolean;
}

interface Props {
  label: string;
  items: () => Item[];
  button?: ComponentChildren;
  class?: string;
}

export function Menu({ label, items, button, class: name = "icon" }: Props) {
  const [shown, setShown] = useState<Item[] | undefined>();
  const opener = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setShown(undefined);
    opener.current?.focus();
  };
  return (
    <>
      <button
        ref={opener}
        class={name}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={shown !== undefined}
        onClick={() => setShown(shown ? undefined : items())}
      >
        {button ?? <Ellipsis size={18} aria-hidden="true" />}
      </button>
      {shown && opener.current && (
        <Above>
          <List
            items={shown}
            label={label}
            anchor={opener.current}
            close={close}
            show={setShown}
          />
        </Above>
      )}
    </>
  );
}

/** At the end of the page, where nothing cuts it off. */
function Above({ children }: { children: ComponentChildren }) {
  const place = useRef<HTMLDivElement | undefined>(undefined);
  useLayoutEffect(() => {
    const made = document.createElement("div");
    place.current = made;
    document.body.append(made);
    return () => {
      render(null, made);
      made.remove();
    };
  }, []);
  useLayoutEffect(() => {
    if (place.current) render(children, place.current);
  });
  return null;
}

interface ListProps {
  items: Item[];
  label: string;
  anchor: HTMLElement;
  close: () => void;
  show: (items: Item[]) => void;
}

const MARGIN = 8;

function List({ items, label, anchor, close, show }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const menu = list.current;
    if (!menu) return;
    place(menu, anchor);
    menu.querySelector<HTMLElement>("[role=menuitem]:not([aria-disabled=true])")?.focus();
  }, [items]);
  useLayoutEffect(() => {
    const outside = (event: Event): void => {
      const target = event.target as Node;
      if (!list.current?.contains(target) && !anchor.contains(target)) close();
    };
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", close);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", close);
    };
  }, []);

  const choose = (item: Item): void => {
    if (item.isDisabled) return;
    if (item.items) {
      show(item.items());
      return;
    }
    close();
    item.action?.();
  };
  return (
    <div
      ref={list}
      class="menu"
      role="menu"
      aria-label={label}
      onKeyDown={(event) => move(event, list.current, close)}
    >
      {items.map((item) =>
        item.href ? (
          <a key={item.label} role="menuitem" tabIndex={-1} href={item.href} onClick={close}>
            {item.icon}
            <span>{item.label}</span>
          </a>
        ) : (
          <button
            key={item.label}
            role="menuitem"
            tabIndex={-1}
            aria-disabled={item.isDisabled ?? false}
            aria-haspopup={item.items ? "menu" : undefined}
            onClick={() => choose(item)}
          >
            {item.icon}
            <span>{item.label}</span>
          </button>
        ),
      )}
    </div>
  );
}

function move(event: KeyboardEvent, list: HTMLElement | null, close: () => void): void {
  const entries = [...(list?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  const at = entries.indexOf(document.activeElement as HTMLElement);
  const to: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: entries.length - 1,
  };
  event.stopPropagation();
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    close();
  } else if (event.key in to) {
    event.preventDefault();
    entries.at((to[event.key] ?? 0) % entries.length)?.focus();
  }
}

/** Below the button and within the window; above it where there is no room. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const by = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.min(by.right - width, innerWidth - width - MARGIN);
  const below = by.bottom + 4;
  const fits = below + height + MARGIN <= innerHeight;
  menu.style.left = `${Math.max(MARGIN, left)}px`;
  menu.style.top = `${fits ? below : Math.max(MARGIN, by.top - height - 4)}px`;
}
