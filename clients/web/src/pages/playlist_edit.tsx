import { ImagePlus } from "lucide-preact";
import { useState } from "preact/hooks";

import * as api from "../api/library";
import type { Playlist } from "../api/types";
import { t } from "../i18n";
import { Cover } from "../ui/cover";
import { Dialog } from "../ui/dialog";
import { toast } from "../ui/toasts";

const COVER_PX = 640;
// The platform takes covers of at most 256 KiB in base64.
const MOST_CHARACTERS = 256 * 1024;

interface Props {
  playlist: Playlist;
  close: () => void;
  done: () => void;
}

export function EditPlaylist({ playlist, close, done }: Props) {
  const [picture, setPicture] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const save = async (form: FormData): Promise<void> => {
    setBusy(true);
    try {
      await api.changePlaylist(playlist.id, {
        name: String(form.get("name")),
        description: String(form.get("description")),
        public: form.get("public") !== null,
      });
      if (picture) await api.setCover(playlist.id, picture);
      done();
      close();
    } catch {
      toast(t("error.title"), "bad");
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("playlist.edit")} close={close}>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void save(new FormData(event.currentTarget));
        }}
      >
        <label class="cover-field">
          {picture ? (
            <span class="cover">
              <img src={`data:image/jpeg;base64,${picture}`} alt="" width="96" height="96" />
            </span>
          ) : (
            <Cover images={playlist.images} size={96} seed={playlist.uri} kind="playlist" />
          )}
          <span>
            <span class="with-icon">
              <ImagePlus size={18} aria-hidden="true" />
              {t("playlist.cover")}
            </span>
            <small class="hint">{t("playlist.cover.hint")}</small>
          </span>
          <input
            class="unseen"
            type="file"
            accept="image/*"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) {
                square(file).then(setPicture, () => toast(t("error.title"), "bad"));
              }
            }}
          />
        </label>
        <label class="field">
          {t("playlist.name")}
          <input name="name" required maxLength={100} defaultValue={playlist.name} />
        </label>
        <label class="field">
          {t("playlist.description")}
          <textarea name="description" maxLength={300} defaultValue={playlist.description ?? ""} />
        </label>
        <label class="choice">
          <input type="checkbox" name="public" defaultChecked={playlist.public ?? false} />
          {t("playlist.public")}
        </label>
        <div class="actions end">
          <button type="button" class="button" onClick={close}>
            {t("action.cancel")}
          </button>
          <button class="button main" disabled={isBusy}>
            {t("action.save-changes")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The middle of a picture as a JPEG in base64, small enough to be taken. */
async function square(file: File): Promise<string> {
  const picture = await createImageBitmap(file);
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.min(side, COVER_PX);
  const brush = canvas.getContext("2d");
  if (!brush) throw new Error("no canvas");
  brush.drawImage(
    picture,
    (picture.width - side) / 2,
    (picture.height - side) / 2,
    side,
    side,
    0,
    0,
    canvas.width,
    canvas.height,
  );
  for (const quality of [0.9, 0.75, 0.6, 0.4]) {
    const data = canvas.toDataURL("image/jpeg", quality).split(",")[1] ?? "";
    if (data.length <= MOST_CHARACTERS) return data;
  }
  throw new Error("the picture cannot be made small enough");
}
