/** How this browser shows everything: colours and times. Nothing of it is the account's. */
import { RadioGroup, Section } from "@/components/ui";
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
const TIMES = (["relative", "absolute"] as const).map((value) => ({ value, label: words.times[value] }));

export function AppearanceSection() {
  return (
    <Section title={words.title}>
      <div className="card flex flex-col gap-4 px-4 py-3">
        <RadioGroup label={t.shell.theme} options={THEMES} value={useStore(theme)} onValue={setTheme} />
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
