/** For somebody new: a few artists to begin with, so that the first mixes are not a guess. */

import { Check, Search } from "lucide-preact";
import { useEffect, useId, useState } from "preact/hooks";

import * as catalog from "../api/catalog";
import { opinions } from "../api/mixes";
import type { Artist, SimpleAlbum } from "../api/types";
import { wasAsked } from "../app/settings";
import { t } from "../i18n";
import { moreOf } from "../library/opinions";
import { Cover } from "../ui/cover";
import { Section } from "../ui/parts";
import { useResource } from "../ui/resource";
import { toast } from "../ui/toasts";

const SHOWN = 12;
const TYPING_MS = 150;

interface Choice {
  uri: string;
  name: string;
  images: Artist["images"];
}

/** `releases`: the newest, whose artists are offered first. */
export function Taste({ releases }: { releases: SimpleAlbum[] }) {
  const said = useResource("home/opinions", opinions);
  // Who has said something is not new, wherever they said it.
  if (wasAsked.value || said.data?.length !== 0) return null;
  return <Question releases={releases} />;
}

function Question({ releases }: { releases: SimpleAlbum[] }) {
  const [chosen, setChosen] = useState<readonly Choice[]>([]);
  const [text, setText] = useState("");
  const [found, setFound] = useState<readonly Choice[]>([]);
  const [isBusy, setBusy] = useState(false);
  const hint = useId();
  useEffect(() => {
    const query = text.trim();
    if (!query) {
      setFound([]);
      return undefined;
    }
    const stopper = new AbortController();
    const timer = setTimeout(() => {
      catalog.search(query, "artist", SHOWN, stopper.signal).then(
        ({ artists }) => setFound(artists?.items ?? []),
        () => undefined,
      );
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      stopper.abort();
    };
  }, [text]);

  const offered = text.trim() ? found : artistsOf(releases);
  const isChosen = ({ uri }: Choice): boolean => chosen.some((each) => each.uri === uri);
  const rest = offered.filter((each) => !isChosen(each));
  const shown = [...chosen, ...rest].slice(0, Math.max(SHOWN, chosen.length));
  const press = (choice: Choice): void => {
    setChosen(
      isChosen(choice) ? chosen.filter((each) => each.uri !== choice.uri) : [...chosen, choice],
    );
  };
  const done = async (): Promise<void> => {
    setBusy(true);
    try {
      await moreOf(chosen.map((each) => each.uri));
      wasAsked.value = true;
      toast(t("taste.thanks"));
    } catch {
      toast(t("error.title"), "bad");
      setBusy(false);
    }
  };
  return (
    <div class="taste">
      <Section title={t("taste.title")}>
        <p class="quiet" id={hint}>
          {t("taste.text")}
        </p>
        <form class="search-box" role="search" onSubmit={(event) => event.preventDefault()}>
          <Search size={20} aria-hidden="true" />
          <input
            type="search"
            autocomplete="off"
            spellcheck={false}
            aria-label={t("taste.find")}
            placeholder={t("taste.find")}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </form>
        <ul class="taste-artists" aria-describedby={hint}>
          {shown.map((choice) => (
            <li key={choice.uri}>
              <button aria-pressed={isChosen(choice)} onClick={() => press(choice)}>
                <span class="taste-cover">
                  <Cover images={choice.images} size={112} seed={choice.uri} kind="artist" />
                  {isChosen(choice) && (
                    <span class="taste-mark" aria-hidden="true">
                      <Check size={16} />
                    </span>
                  )}
                </span>
                <span class="name">{choice.name}</span>
              </button>
            </li>
          ))}
        </ul>
        {shown.length === 0 && <p class="quiet">{t("search.none", { query: text.trim() })}</p>}
        <div class="actions">
          <button
            class="button main"
            disabled={isBusy || chosen.length === 0}
            onClick={() => void done()}
          >
            {chosen.length > 0 ? t("taste.done", { n: chosen.length }) : t("taste.choose")}
          </button>
          <button class="button" onClick={() => (wasAsked.value = true)}>
            {t("taste.later")}
          </button>
        </div>
      </Section>
    </div>
  );
}

/** Each artist once, with the cover of their newest release. */
function artistsOf(releases: SimpleAlbum[]): Choice[] {
  const found = new Map<string, Choice>();
  for (const { artists, images } of releases) {
    const [first] = artists;
    if (first && !found.has(first.uri)) found.set(first.uri, { ...first, images });
  }
  return [...found.values()];
}
