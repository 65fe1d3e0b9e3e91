import { Search as SearchIcon, SearchX, X } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";

import * as catalog from "../api/catalog";
import { ApiError } from "../api/error";
import type { SearchAnswer } from "../api/types";
import { query, setQuery } from "../app/router";
import { recentSearches } from "../app/settings";
import { t } from "../i18n";
import { searchDownloads } from "../offline/search";
import { Announce } from "../ui/announce";
import { Failure } from "../ui/failure";
import { Notice } from "../ui/notice";
import { Skeleton } from "../ui/parts";
import { hueOf } from "../ui/format";
import { useResource } from "../ui/resource";
import { useTyped } from "../ui/typed";
import { Results } from "./search_results";
import { useTitle } from "./title";

const TYPES = "track,artist,album,playlist";
const SHOWN = 12;
const MOST_RECENT = 8;

export function Search() {
  const typed = query.value.get("q") ?? "";
  const [text, setText] = useState(typed);
  const wanted = text.trim();
  const { asked, error, ...found } = useTyped(wanted, (each, signal) =>
    catalog.search(each, TYPES, SHOWN, signal),
  );
  const answer = error?.isOffline ? searchDownloads(asked) : found.answer;
  const field = useRef<HTMLInputElement>(null);
  useTitle(t("search.title"));

  useEffect(() => field.current?.focus(), []);
  useEffect(() => setText(typed), [typed]);
  useEffect(() => {
    if (asked === wanted) setQuery({ q: wanted });
  }, [asked, wanted]);

  const total = answer ? countOf(answer) : 0;
  return (
    <div class="page">
      <h1 class="unseen">{t("search.title")}</h1>
      <form
        class="search-box"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          remember(text);
          field.current?.blur();
        }}
      >
        <SearchIcon size={20} aria-hidden="true" />
        <input
          ref={field}
          type="search"
          enterkeyhint="search"
          autocomplete="off"
          spellcheck={false}
          aria-label={t("search.field")}
          placeholder={t("search.short")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {text && (
          <button
            type="button"
            class="icon"
            aria-label={t("search.clear")}
            onClick={() => {
              setText("");
              field.current?.focus();
            }}
          >
            <X size={18} aria-hidden="true" />
          </button>
        )}
      </form>
      <Announce text={answer ? t("search.results", { n: total }) : ""} />
      {!wanted && <Start choose={setText} />}
      {wanted && !answer && !error && <Skeleton kind="rows" />}
      {error && !error.isOffline && (
        <Failure error={asUnavailable(error)} again={found.again} />
      )}
      {error?.isOffline && <p class="banner">{t("search.offline")}</p>}
      {answer && total > 0 && <Results answer={answer} chosen={() => remember(text)} />}
      {answer && total === 0 && asked === wanted && (
        <Notice
          icon={<SearchX />}
          title={t("search.none", { query: asked })}
          text={t("search.none.text")}
        />
      )}
    </div>
  );
}

/** Before anything is typed: what was looked for lately, and what there is. */
function Start({ choose }: { choose: (text: string) => void }) {
  const genres = useResource("categories", catalog.categories);
  const recent = recentSearches.value;
  return (
    <>
      {recent.length > 0 && (
        <section class="section" aria-label={t("search.recent")}>
          <header>
            <h2>{t("search.recent")}</h2>
            <button class="link" onClick={() => (recentSearches.value = [])}>
              {t("search.forget")}
            </button>
          </header>
          <div class="chips">
            {recent.map((text) => (
              <button key={text} class="chip" onClick={() => choose(text)}>
                {text}
              </button>
            ))}
          </div>
        </section>
      )}
      {genres.data && genres.data.length > 0 ? (
        <section class="section" aria-label={t("search.browse")}>
          <header>
            <h2>{t("search.browse")}</h2>
          </header>
          <div class="genres">
            {genres.data.map((genre) => (
              <button
                key={genre.id}
                class="genre"
                style={{ "--hue": hueOf(genre.name) }}
                onClick={() => choose(`genre:"${genre.name.toLowerCase()}"`)}
              >
                {genre.name}
              </button>
            ))}
          </div>
        </section>
      ) : (
        recent.length === 0 && (
          <Notice
            icon={<SearchIcon />}
            title={t("search.start")}
            text={t("search.start.text")}
          />
        )
      )}
    </>
  );
}

function remember(text: string): void {
  const wanted = text.trim();
  if (!wanted) return;
  const others = recentSearches.value.filter((each) => each !== wanted);
  recentSearches.value = [wanted, ...others].slice(0, MOST_RECENT);
}

function countOf({ tracks, artists, albums, playlists }: SearchAnswer): number {
  return [tracks, artists, albums, playlists].reduce((sum, page) => sum + (page?.total ?? 0), 0);
}

/** Where there is no search, that is the platform's fault and not the listener's. */
function asUnavailable(error: ApiError): ApiError {
  return error.isMissing ? new ApiError(503, error.message) : error;
}
