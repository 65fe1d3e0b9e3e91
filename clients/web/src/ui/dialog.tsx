/** A question that wants an answer before anything else. */

import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { t } from "../i18n";

interface Props {
  title: string;
  close: () => void;
  children: ComponentChildren;
}

export function Dialog({ title, close, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      class="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === box.current && close()}
    >
      <div class="dialog-body">
        <header>
          <h2 id={heading}>{title}</h2>
          <button class="icon" aria-label={t("action.close")} onClick={close}>
            <X size={20} aria-hidden="true" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function Confirm({
  question,
  action,
  close,
  agree,
}: {
  question: string;
  action: string;
  close: () => void;
  agree: () => void;
}) {
  return (
    <Dialog title={action} close={close}>
      <p>{question}</p>
      <div class="actions end">
        <button class="button" onClick={close}>
          {t("action.cancel")}
        </button>
        <button
          class="button danger"
          onClick={() => {
            close();
            agree();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}
