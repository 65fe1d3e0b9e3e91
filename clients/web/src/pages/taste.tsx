/** For somebody new: a few artists to begin with, so that the first mixes are not a guess. */

import { Check, Search } from "lucide-preact";
import { useId, useState } from "preact/hooks";

import * as catalog from "../api/catalog";
import { opinions } from "../api/mixes";
import type { Artist, SimpleAlbum } from "../api/types";
import { wasAsked } from "../app/settings";
import { t } from "../i18n";
import { moreOf } from "../library/opinions";
import { Cover } from "../ui/cover";
import { Failure } from "../ui/failure";
import { Section } from "../ui/parts";
import { useResource } from "../ui/resource";
import { toast } from "../ui/toasts";
import { useTyped } from "../ui/typed";

const SHOWN = 12;

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
  const [isBusy, setBusy] = useState(false);
  const hint = useId();
  const wanted = text.trim();
  const found = useTyped(wanted, async (each, signal) => {
    const { artists } = await catalog.search(each, "artist", SHOWN, signal);
    return artists?.items ?? [];
  });

  const offered: readonly Choice[] = wanted ? (found.answer ?? []) : artistsOf(releases);
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
        {found.error && <Failure error={found.error} again={found.again} />}
        {shown.length === 0 && found.answer && found.asked === wanted && (
          <p class="quiet">{t("search.none", { query: wanted })}</p>
        )}
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
