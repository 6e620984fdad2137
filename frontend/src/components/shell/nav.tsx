/** Main navigation: a side bar on wide windows, the same list as a bottom bar on phones. Entries exist only for pages that exist. */
import { Link, type LinkProps } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Icon, type IconName } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import type { ShortcutId } from "@/lib/shortcuts";
import { t } from "@/messages";

/** Apart from the shell, because nothing on the first paint waits for it. If it can't be loaded, the menu stands without. */
const InstanceSwitcher = lazy(() =>
  import("@/components/instances/switcher").catch(() => ({ default: () => null })),
);

type Entry = {
  to: LinkProps["to"];
  label: string;
  icon: IconName;
  shortcut: ShortcutId;
  /** Shown to who has one of these. */
  needs?: string[];
};

const ENTRIES: Entry[] = [
  { to: "/", label: t.shell.home, icon: "home", shortcut: "goHome" },
  { to: "/builds", label: t.shell.builds, icon: "build", shortcut: "goBuilds" },
  { to: "/projects", label: t.shell.projects, icon: "project", shortcut: "goProjects" },
  {
    to: "/insights",
    label: t.shell.insights,
    icon: "chart",
    shortcut: "goInsights",
    needs: ["builds.write"],
  },
  {
    to: "/runners",
    label: t.shell.runners,
    icon: "runner",
    shortcut: "goRunners",
    needs: ["runners.read"],
  },
  {
    to: "/settings",
    label: t.shell.settings,
    icon: "settings",
    shortcut: "goSettings",
    needs: ["instance_settings.read", "users.read", "audit_logs.read"],
  },
];

/** The pages that the person may open. */
export function useEntries(): Entry[] {
  const can = useCan();
  return ENTRIES.filter((entry) => !entry.needs || entry.needs.some(can));
}

export function MainNav() {
  const entries = useEntries();
  return (
    <nav
      aria-label={t.shell.mainNav}
      data-print="hide"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:static md:z-auto md:border-e md:border-t-0"
    >
      <div className="md:sticky md:top-12 md:flex md:h-[calc(100dvh-3rem)] md:flex-col">
        <ul className="flex md:grow md:flex-col md:gap-0.5 md:overflow-y-auto md:p-2">
          {entries.map((entry) => (
            <li key={entry.label} className="grow basis-0 md:grow-0 md:basis-auto">
              <Link
                to={entry.to}
                activeOptions={{ exact: entry.to === "/", includeSearch: false }}
                className="flex min-h-14 flex-col items-center justify-center gap-0.5 text-xs font-medium tracking-tight text-ink-2 hover:text-ink aria-[current=page]:text-accent md:min-h-9 md:flex-row md:justify-start md:gap-2.5 md:rounded md:px-2.5 md:text-base md:hover:bg-sunken md:aria-[current=page]:bg-accent-tint"
              >
                <Icon name={entry.icon} className="size-5 md:size-4" />
                {entry.label}
              </Link>
            </li>
          ))}
        </ul>
        <div className="hidden min-h-11 border-t border-line p-2 md:block">
          <Suspense>
            <InstanceSwitcher />
          </Suspense>
        </div>
      </div>
    </nav>
  );
}
