/** Taking the music to another device, or back here. */

import * as api from "../api/player";
import { ApiError } from "../api/error";
import { t } from "../i18n";
import * as here from "../player/local";
import { toast } from "../ui/toasts";
import { deviceId } from "./identity";
import { refresh } from "./remote";
import { hand } from "./device";

const UNTIL_TOLD_MS = 400;

export async function moveTo({ id, name }: { id: string; name: string }): Promise<void> {
  const isHere = id === deviceId();
  try {
    // What this browser plays is told first, so that the other one goes on with it.
    if (!isHere) await hand();
    await api.transfer(id, isHere || here.isPlaying.value);
    if (!isHere) here.stop("stopped");
    toast(t("devices.moved", { name }));
    setTimeout(() => void refresh().catch(() => undefined), UNTIL_TOLD_MS);
  } catch (error) {
    const gone = error instanceof ApiError && error.isMissing;
    toast(gone ? t("devices.gone", { name }) : t("devices.unavailable"), "bad");
  }
}
