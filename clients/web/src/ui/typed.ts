/** Asking for what is being typed, once it pauses; only the last that was typed is answered. */

import { useEffect, useState } from "preact/hooks";

import { ApiError } from "../api/error";

const TYPING_MS = 120;

/** `asked` is what `answer` or `error` is about; "" while there is neither. */
export interface Typed<T> {
  asked: string;
  answer: T | undefined;
  error: ApiError | undefined;
  again: () => void;
}

/** Asks for nothing where `text` is nothing; the last answer stays until there is another. */
export function useTyped<T>(
  text: string,
  ask: (text: string, signal: AbortSignal) => Promise<T>,
): Typed<T> {
  const [found, setFound] = useState<Omit<Typed<T>, "again">>(nothing);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!text) {
      setFound(nothing);
      return undefined;
    }
    const stopper = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const answer = await ask(text, stopper.signal);
        setFound({ asked: text, answer, error: undefined });
      } catch (problem) {
        if (stopper.signal.aborted) return;
        const error = problem instanceof ApiError ? problem : new ApiError(-1, String(problem));
        setFound({ asked: text, answer: undefined, error });
      }
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      stopper.abort();
    };
  }, [text, tries]);
  return { ...found, again: () => setTries(tries + 1) };
}

const nothing = { asked: "", answer: undefined, error: undefined };
