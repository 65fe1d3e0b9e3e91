/** What the listener does here is told to the platform as well, so that other devices can follow. */

type Wish = () => Promise<unknown>;

let passOn: (wish: Wish) => void = () => {};
let finished: () => void = () => {};

/** Who passes wishes on, and who tells that a track came to its end by itself. */
export function connect(pass: (wish: Wish) => void, end: () => void): void {
  passOn = pass;
  finished = end;
}

/** In the order that they are told. */
export function tell(wish: Wish): void {
  passOn(wish);
}

export function trackEnded(): void {
  finished();
}
