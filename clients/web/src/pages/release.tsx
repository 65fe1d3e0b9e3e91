import { useState } from "preact/hooks";

import { album } from "../api/catalog";
import * as api from "../api/studio";
import { ApiError } from "../api/error";
import { navigate } from "../app/router";
import { t } from "../i18n";
import { Failure } from "../ui/failure";
import { Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { toast } from "../ui/toasts";
import { useTitle } from "./title";

/** Editing a release. */
export function Release({ id }: { id: string }) {
  const { data, error, again } = useResource(`release/${id}`, () => api.release(id));
  useTitle(t("release.title"));
  return (
    <div class="page narrow">
      <h1>{t("release.title")}</h1>
      {!data && !error && <Skeleton kind="rows" />}
      {!data && error && <Failure error={error} again={again} />}
      {data && <Form key={data.etag} release={data.state} etag={data.etag} again={again} />}
    </div>
  );
}

interface FormProps {
  release: api.Release;
  etag: string;
  again: () => void;
}

function Form({ release, etag, again }: FormProps) {
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const save = async (form: FormData): Promise<void> => {
    setBusy(true);
    setProblem("");
    try {
      await api.editRelease(release.id, changes(release, form), etag);
      // What the browser keeps of it is out of date.
      await album(release.id, true).catch(() => undefined);
      toast(t("release.saved"));
      navigate("/studio");
    } catch (error) {
      setBusy(false);
      setProblem(error instanceof ApiError ? error.message : t("error.title"));
      if (error instanceof ApiError && error.status === 412) again();
    }
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void save(new FormData(event.currentTarget));
      }}
    >
      {problem && (
        <p class="banner bad" role="alert">
          {problem}
        </p>
      )}
      <label class="field">
        {t("release.name")}
        <input name="name" required maxLength={200} defaultValue={release.name} />
      </label>
      <label class="field">
        {t("release.date")}
        <input
          name="release_date"
          pattern="\d{4}(-\d{2}(-\d{2})?)?"
          defaultValue={release.release_date}
        />
        <small class="hint">{t("release.date.hint")}</small>
      </label>
      <label class="field">
        {t("release.genres")}
        <input name="genres" defaultValue={release.genres.join(", ")} />
        <small class="hint">{t("release.genres.hint")}</small>
      </label>
      <label class="field">
        {t("release.label")}
        <input name="label" maxLength={200} defaultValue={release.label} />
      </label>
      <label class="field">
        {t("release.copyright")}
        <input name="copyright" maxLength={200} defaultValue={release.copyright} />
      </label>
      <label class="field">
        {t("release.upc")}
        <input name="upc" inputMode="numeric" maxLength={14} defaultValue={release.upc} />
      </label>
      <div class="actions">
        <button class="button main" disabled={isBusy}>
          {t("action.save-changes")}
        </button>
        <a class="button" href="/studio">
          {t("action.cancel")}
        </a>
      </div>
    </form>
  );
}

const LINES = ["name", "release_date", "label", "copyright", "upc"] as const;

/** Only what was changed: the rest goes on following the files' tags. */
function changes(release: api.Release, form: FormData): Partial<api.Release> {
  const change: Partial<api.Release> = {};
  for (const name of LINES) {
    const value = String(form.get(name)).trim();
    if (value !== release[name]) change[name] = value;
  }
  const genres = String(form.get("genres"))
    .split(",")
    .map((genre) => genre.trim())
    .filter(Boolean);
  if (genres.join() !== release.genres.join()) change.genres = genres;
  return change;
}
