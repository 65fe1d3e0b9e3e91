import { ArrowDownToLine, CircleCheck, Square } from "lucide-preact";
import { useState } from "preact/hooks";

import { isPaying } from "../auth/session";
import { t } from "../i18n";
import { Dialog } from "../ui/dialog";
import { toast } from "../ui/toasts";
import { download, progress, stop, type Wanted } from "./download";
import { collection, removeCollection } from "./store";

interface Props {
  uri: string;
  name: string;
  wanted: () => Promise<Wanted>;
}

/** Downloads, shows how far it is, and takes it away again. */
export function DownloadButton({ uri, name, wanted }: Props) {
  const [isOffered, offer] = useState(false);
  const part = progress.value.get(uri);
  const there = collection(uri) !== undefined;
  const press = async (): Promise<void> => {
    if (part !== undefined) stop(uri);
    else if (there) {
      await removeCollection(uri);
      toast(t("downloads.removed"));
    } else if (!isPaying.value) offer(true);
    else {
      try {
        await download(await wanted());
        toast(t("downloads.done", { name }));
      } catch (error) {
        if ((error as Error).name !== "AbortError") {
          toast(t("downloads.failed", { name }), "bad");
        }
      }
    }
  };
  return (
    <>
      <button
        class={`icon download ${there ? "on" : ""}`}
        aria-label={label(part, there)}
        onClick={() => void press()}
      >
        {part !== undefined ? (
          <span class="ring" style={{ "--part": part }}>
            <Square size={10} fill="currentColor" aria-hidden="true" />
          </span>
        ) : there ? (
          <CircleCheck size={24} aria-hidden="true" />
        ) : (
          <ArrowDownToLine size={24} aria-hidden="true" />
        )}
      </button>
      {isOffered && <Offer close={() => offer(false)} />}
    </>
  );
}

export function Offer({ close }: { close: () => void }) {
  return (
    <Dialog title={t("downloads.premium")} close={close}>
      <p>{t("downloads.premium.text")}</p>
      <div class="actions end">
        <a class="button main" href="/account">
          {t("downloads.premium.see")}
        </a>
      </div>
    </Dialog>
  );
}

function label(part: number | undefined, there: boolean): string {
  if (part !== undefined) {
    return `${t("downloads.stop")}: ${t("downloads.downloading", { percent: Math.round(part * 100) })}`;
  }
  return t(there ? "downloads.downloaded" : "downloads.download");
}
