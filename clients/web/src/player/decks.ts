/** The two decks: one plays, the other is for the next track. They are made when first needed. */

import { effect } from "@preact/signals";

import { normalise, quality } from "../app/settings";
import { Deck, type DeckEvent } from "./deck";

let decks: [Deck, Deck] | undefined;
let tell: (deck: Deck, event: DeckEvent, error?: Error) => void = () => {};

/** Tells `listener` what happens on the deck that plays. */
export function follow(listener: typeof tell): void {
  tell = listener;
}

/** The deck that plays, and the other one. */
export function pair(): [Deck, Deck] {
  if (!decks) {
    decks = [new Deck(heard), new Deck(heard)];
    effect(() => {
      void quality.value;
      for (const deck of made()) deck.renew();
    });
    effect(() => {
      void normalise.value;
      for (const deck of made()) deck.setLevel();
    });
  }
  return decks;
}

/** The same, or nothing before there was anything to play. */
export function made(): [Deck, Deck] | [] {
  return decks ?? [];
}

/** From now on the other deck is the one that plays. */
export function swap(): void {
  if (decks) decks = [decks[1], decks[0]];
}

function heard(deck: Deck, event: DeckEvent, error?: Error): void {
  if (deck === decks?.[0]) tell(deck, event, error);
}
