import { t } from "../i18n";
import { isHelpShown, SHORTCUTS } from "../player/keyboard";
import { Dialog } from "./dialog";

export function Shortcuts() {
  return (
    <Dialog title={t("keys.title")} close={() => (isHelpShown.value = false)}>
      <dl class="shortcuts">
        {SHORTCUTS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
