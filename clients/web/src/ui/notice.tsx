import type { ComponentChildren } from "preact";

interface NoticeProps {
  title: string;
  text?: string;
  icon?: ComponentChildren;
  children?: ComponentChildren;
}

/** In place of what is not there. */
export function Notice({ title, text, icon, children }: NoticeProps) {
  return (
    <div class="notice">
      {icon && <span class="notice-icon">{icon}</span>}
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children && <div class="actions">{children}</div>}
    </div>
  );
}
