import { SearchX } from "lucide-preact";

import { t } from "../i18n";
import { Notice } from "../ui/notice";
import { useTitle } from "./title";

export function Missing() {
  useTitle(t("error.missing"));
  return (
    <Notice icon={<SearchX />} title={t("error.missing")} text={t("error.missing.text")}>
      <a class="button" href="/">
        {t("nav.home")}
      </a>
    </Notice>
  );
}
