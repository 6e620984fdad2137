/** How this browser shows everything: language, colours, height of rows and times. Nothing of it is the account's. */
import { RadioGroup, Section } from "@/components/ui";
import { chooseLanguage, languageIs } from "@/lib/language-choice";
import { rowsAre, setRows } from "@/lib/rows";
import { useStore } from "@/lib/store";
import { setTheme, type Theme, theme } from "@/lib/theme";
import { timesAre } from "@/lib/times";
import { t } from "@/messages";
import { account } from "@/messages/later";

const words = account.appearance;
const THEMES = (["system", "light", "dark"] satisfies Theme[]).map((value) => ({
  value,
  label: t.shell.themes[value],
}));
// Each in its own language, for whom can't read the one in use.
const LANGUAGES = (["browser", "en", "de"] as const).map((value) => ({
  value,
  label: { browser: words.asBrowser, en: "English", de: "Deutsch" }[value],
}));
const ROWS = (["comfortable", "compact"] as const).map((value) => ({ value, ...words.rows[value] }));
const TIMES = (["relative", "absolute"] as const).map((value) => ({ value, label: words.times[value] }));

export function AppearanceSection() {
  return (
    <Section title={words.title}>
      <div className="card flex flex-col gap-4 px-4 py-3">
        <RadioGroup
          label={words.language}
          options={LANGUAGES}
          value={useStore(languageIs)}
          onValue={chooseLanguage}
        />
        <RadioGroup label={t.shell.theme} options={THEMES} value={useStore(theme)} onValue={setTheme} />
        <RadioGroup label={words.rowsLabel} options={ROWS} value={useStore(rowsAre)} onValue={setRows} />
        <RadioGroup
          label={words.timesLabel}
          options={TIMES}
          value={useStore(timesAre)}
          onValue={timesAre.set}
        />
      </div>
    </Section>
  );
}
