/** The list of settings sections that this person may open; on phones the way into each. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useSettingsSections } from "@/components/settings";
import { Page } from "@/components/shell";
import { DeniedState, Icon, QueryView } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { settingsTexts as texts } from "@/messages/en/settings-texts";
import { settings as words } from "@/messages/later";

export function SettingsPage() {
  const query = useQuery(bootstrapQuery(useRuntime()));
  return (
    <Page title={words.title}>
      <QueryView query={query} name={words.title}>
        {() => <Sections />}
      </QueryView>
    </Page>
  );
}

function Sections() {
  const sections = useSettingsSections();
  if (sections.length === 0) return <DeniedState />;
  return (
    <ul className="card max-w-3xl divide-y divide-line">
      {sections.map((section) => (
        <li key={section.label} className="relative flex items-center gap-3 px-4 py-3 hover:bg-canvas">
          <Icon name={section.icon} className="size-5 text-ink-3" />
          <div className="min-w-0 grow">
            <Link to={section.to} className="tap font-medium after:absolute after:inset-0 hover:underline">
              {section.label}
            </Link>
            <p className="text-ink-2">{texts[section.name]}</p>
          </div>
          <Icon name="chevron" className="size-4 text-ink-3" />
        </li>
      ))}
    </ul>
  );
}
