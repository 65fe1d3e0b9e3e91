/** Which of the app's languages the listener reads. */

export type Language = "en" | "de";

export const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };

// Where the setting is kept, as `app/settings` keeps all of them.
const SETTING = "cadenza.setting.language";

/** What was chosen here, or the first of the browser's languages that there are texts in. */
export function wanted(): Language {
  const chosen = localStorage.getItem(SETTING) ?? "";
  return among(chosen.replaceAll('"', "")) ?? preferred();
}

function preferred(): Language {
  const tags = navigator.languages.map((tag) => among(tag.split("-")[0] ?? ""));
  return tags.find((tag) => tag !== undefined) ?? "en";
}

function among(tag: string): Language | undefined {
  return Object.hasOwn(LANGUAGES, tag) ? (tag as Language) : undefined;
}
