/** Moving rows of a list: by its handle with a pointer, or with the arrow keys. */

interface HandleProps {
  onPointerDown: (event: PointerEvent) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

const EDGE_PX = 90;
const SCROLL_PX = 12;

type Move = (from: number, to: number) => void;

export function reorder(
  list: { current: HTMLElement | null },
  index: number,
  move: Move,
): HandleProps {
  return {
    onPointerDown: (event) => {
      if (event.button !== 0 || !list.current) return;
      event.preventDefault();
      drag(list.current, index, event, move);
    },
    onKeyDown: (event) => {
      const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
      const to = index + step;
      if (step === 0 || to < 0 || to >= (list.current?.children.length ?? 0)) return;
      event.preventDefault();
      event.stopPropagation();
      move(index, to);
      // The row is somewhere else now, and the keys go on moving it.
      requestAnimationFrame(() => focusHandle(list.current, to));
    },
  };
}

function focusHandle(list: HTMLElement | null, index: number): void {
  list?.children[index]?.querySelector<HTMLElement>(".handle")?.focus();
}

function drag(list: HTMLElement, from: number, start: PointerEvent, move: Move): void {
  const rows = [...list.children] as HTMLElement[];
  const row = rows[from];
  if (!row) return;
  const boxes = rows.map((each) => each.getBoundingClientRect());
  const height = boxes[from]?.height ?? 0;
  const scrolled = window.scrollY;
  let to = from;
  let pointer = start.clientY;
  row.classList.add("dragged");

  const show = (): void => {
    const by = pointer - start.clientY + (window.scrollY - scrolled);
    row.style.transform = `translateY(${by}px)`;
    const middle = (boxes[from]?.top ?? 0) + by + height / 2;
    to = boxes.filter((box, at) => at !== from && box.top + box.height / 2 < middle).length;
    for (const [at, each] of rows.entries()) {
      if (at === from) continue;
      const makesRoom = at < from && at >= to ? height : at > from && at <= to ? -height : 0;
      each.style.transform = makesRoom ? `translateY(${makesRoom}px)` : "";
    }
  };
  const follow = (event: PointerEvent): void => {
    pointer = event.clientY;
    show();
  };
  const scroll = setInterval(() => {
    const step = pointer < EDGE_PX ? -SCROLL_PX : pointer > innerHeight - EDGE_PX ? SCROLL_PX : 0;
    if (step) window.scrollBy(0, step);
  }, 16);
  const end = (event: PointerEvent | KeyboardEvent): void => {
    clearInterval(scroll);
    window.removeEventListener("pointermove", follow);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    window.removeEventListener("scroll", show);
    window.removeEventListener("keydown", escape, true);
    row.classList.remove("dragged");
    for (const each of rows) each.style.transform = "";
    if (event.type === "pointerup" && to !== from) move(from, to);
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape") end(event);
  };
  window.addEventListener("pointermove", follow);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
  window.addEventListener("scroll", show);
  window.addEventListener("keydown", escape, true);
}
