import type { ComponentChildren } from "preact";
import type { Signal } from "@preact/signals";
import { useState } from "preact/hooks";

import {
  chosenLanguage,
  crossfade,
  deviceName,
  normalise,
  quality,
  singleKeys,
  theme,
  type Quality,
  type Theme,
} from "../app/settings";
import { filterExplicit, filtersExplicit, me, signOut } from "../auth/session";
import { bytes, language, speak, t } from "../i18n";
import { LANGUAGES, type Language } from "../i18n/language";
import type { Key } from "../i18n/en";
import { usedBytes } from "../offline/store";
import { Slider } from "../ui/slider";
import { toast } from "../ui/toasts";
import { useTitle } from "./title";

const THEMES: Theme[] = ["auto", "light", "dark"];
const QUALITIES: Quality[] = ["auto", "low", "normal", "high", "lossless"];
const LONGEST_FADE_S = 12;

export function Settings() {
  useTitle(t("settings.title"));
  return (
    <div class="page narrow">
      <h1>{t("settings.title")}</h1>
      <Group title="settings.look">
        <Field label="settings.theme">
          <Choice setting={theme} options={THEMES} name={(each) => t(`settings.theme.${each}`)} />
        </Field>
        <Field label="settings.language">
          <select
            aria-label={t("settings.language")}
            value={language.value}
            onChange={(event) => {
              const wanted = event.currentTarget.value as Language;
              chosenLanguage.value = wanted;
              void speak(wanted);
            }}
          >
            {Object.entries(LANGUAGES).map(([tag, name]) => (
              <option key={tag} value={tag} lang={tag}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      </Group>
      <Group title="settings.sound">
        <Field label="settings.quality" hint="settings.quality.hint">
          <select
            aria-label={t("settings.quality")}
            value={quality.value}
            onChange={(event) => (quality.value = event.currentTarget.value as Quality)}
          >
            {QUALITIES.map((each) => (
              <option key={each} value={each}>
                {t(`settings.quality.${each}`)}
              </option>
            ))}
          </select>
        </Field>
        <Toggle setting={normalise} label="settings.normalise" hint="settings.normalise.hint" />
        <Field label="settings.crossfade" hint="settings.crossfade.hint">
          <span class="with-value">
            <Slider
              label={t("settings.crossfade")}
              value={crossfade.value}
              max={LONGEST_FADE_S}
              step={1}
              text={(n) => t("settings.crossfade.seconds", { n })}
              move={(seconds) => (crossfade.value = seconds)}
            />
            <output>{t("settings.crossfade.seconds", { n: crossfade.value })}</output>
          </span>
        </Field>
        <Toggle setting={singleKeys} label="settings.keys" hint="settings.keys.hint" />
      </Group>
      <Group title="settings.account">
        <p>
          <strong>{me.value?.display_name ?? me.value?.id}</strong>
          <br />
          <span class="quiet">{t("settings.plan", { plan: me.value?.product ?? "" })}</span>
        </p>
        <ExplicitContent />
        <label class="field">
          {t("settings.device")}
          <input
            value={deviceName.value}
            maxLength={60}
            onChange={(event) => {
              deviceName.value = event.currentTarget.value.trim() || deviceName.value;
            }}
          />
        </label>
        <div class="actions">
          <a class="button" href="/account">
            {t("settings.account.manage")}
          </a>
          <button class="button" onClick={() => void signOut()}>
            {t("nav.sign-out")}
          </button>
        </div>
      </Group>
      <Group title="settings.storage">
        <p class="quiet">
          {t("nav.downloads")}: {bytes(usedBytes.value)}
        </p>
        <div class="actions">
          <a class="button" href="/downloads">
            {t("nav.downloads")}
          </a>
        </div>
      </Group>
    </div>
  );
}

function Group({ title, children }: { title: Key; children: ComponentChildren }) {
  return (
    <section class="group" aria-label={t(title)}>
      <h2>{t(title)}</h2>
      <div>{children}</div>
    </section>
  );
}

function Field({
  label,
  hint,
  children,
}: {
  label: Key;
  hint?: Key;
  children: ComponentChildren;
}) {
  return (
    <div class="setting">
      <div>
        <span class="name">{t(label)}</span>
        {hint && <small class="hint">{t(hint)}</small>}
      </div>
      {children}
    </div>
  );
}

function Toggle({ setting, label, hint }: { setting: Signal<boolean>; label: Key; hint: Key }) {
  return (
    <Field label={label} hint={hint}>
      <input
        type="checkbox"
        role="switch"
        class="switch"
        aria-label={t(label)}
        checked={setting.value}
        onChange={(event) => (setting.value = event.currentTarget.checked)}
      />
    </Field>
  );
}

/** The account's own setting, unlike the others here. */
function ExplicitContent() {
  const [waiting, setWaiting] = useState(false);
  const change = (plays: boolean): void => {
    setWaiting(true);
    filterExplicit(!plays)
      .catch(() => toast(t("error.server"), "bad"))
      .finally(() => setWaiting(false));
  };
  return (
    <Field label="settings.explicit" hint="settings.explicit.hint">
      <input
        type="checkbox"
        role="switch"
        class="switch"
        aria-label={t("settings.explicit")}
        checked={!filtersExplicit.value}
        disabled={waiting || (me.value?.explicit_content?.filter_locked ?? true)}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    </Field>
  );
}

interface ChoiceProps<T> {
  setting: Signal<T>;
  options: T[];
  name: (option: T) => string;
}

function Choice<T extends string>({ setting, options, name }: ChoiceProps<T>) {
  return (
    <div class="segments" role="group" aria-label={t("settings.theme")}>
      {options.map((option) => (
        <button
          key={option}
          aria-pressed={setting.value === option}
          onClick={() => (setting.value = option)}
        >
          {name(option)}
        </button>
      ))}
    </div>
  );
}
