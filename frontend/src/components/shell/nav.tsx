/**
 * Main navigation: a side bar on wide windows, a bottom bar on phones, where what testers do without is behind "More". Entries exist
 * only for pages that exist.
 */
import { Link, type LinkProps, useRouter } from "@tanstack/react-router";
import { Suspense } from "react";
import { Icon, type IconName, Menu, type MenuEntry } from "@/components/ui";
import { SETTINGS_NEEDS, useCan, useIsTester } from "@/lib/capabilities";
import type { ShortcutId } from "@/lib/shortcuts";
import { t } from "@/messages";
import { InstanceSwitcher, PinnedProjects, WithPinned } from "./later";

const LOOK =
  "flex min-h-14 flex-col items-center justify-center gap-0.5 text-xs font-medium tracking-tight text-ink-2 hover:text-ink";

type Entry = {
  to: LinkProps["to"];
  label: string;
  icon: IconName;
  shortcut: ShortcutId;
  /** Shown to who has one of these. */
  needs?: readonly string[];
  /** Behind "More" on phones. */
  onPhones?: "more";
};

const ENTRIES: Entry[] = [
  { to: "/", label: t.shell.home, icon: "home", shortcut: "goHome" },
  { to: "/builds", label: t.shell.builds, icon: "build", shortcut: "goBuilds" },
  { to: "/projects", label: t.shell.projects, icon: "project", shortcut: "goProjects" },
  { to: "/releases", label: t.shell.releases, icon: "artifact", shortcut: "goReleases" },
  {
    to: "/insights",
    label: t.shell.insights,
    icon: "chart",
    shortcut: "goInsights",
    needs: ["builds.write"],
    onPhones: "more",
  },
  {
    to: "/runners",
    label: t.shell.runners,
    icon: "runner",
    shortcut: "goRunners",
    needs: ["runners.read"],
    onPhones: "more",
  },
  {
    to: "/settings",
    label: t.shell.settings,
    icon: "settings",
    shortcut: "goSettings",
    needs: Object.values(SETTINGS_NEEDS),
    onPhones: "more",
  },
];

/** The home of testers is an entry of its own, and what they could read of the settings is of no use to them. */
const NOT_FOR_TESTERS: readonly (string | undefined)[] = ["/", "/settings"];

/** The pages that the person may open. */
export function useEntries(): Entry[] {
  const can = useCan();
  const isTester = useIsTester();
  return ENTRIES.filter(
    ({ to, needs }) => !(isTester && NOT_FOR_TESTERS.includes(to)) && (needs?.some(can) ?? true),
  );
}

export function MainNav() {
  const router = useRouter();
  const entries = useEntries();
  const hidden = entries
    .filter(({ onPhones }) => onPhones === "more")
    .map(
      ({ label, icon, to }): MenuEntry => ({
        kind: "action",
        label,
        icon,
        onSelect: () => void router.navigate({ to }),
      }),
    );
  return (
    <nav
      aria-label={t.shell.mainNav}
      data-print="hide"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:static md:z-auto md:border-e md:border-t-0"
    >
      <div className="md:sticky md:top-12 md:flex md:h-[calc(100dvh-3rem)] md:flex-col">
        <ul className="flex md:grow md:flex-col md:gap-0.5 md:overflow-y-auto md:p-2">
          {entries.map((entry) => (
            <li
              key={entry.label}
              className={`grow basis-0 md:block md:grow-0 md:basis-auto ${entry.onPhones ? "hidden" : ""}`}
            >
              <Link
                to={entry.to}
                activeOptions={{ exact: entry.to === "/", includeSearch: false }}
                className={`${LOOK} aria-[current=page]:text-accent md:min-h-9 md:flex-row md:justify-start md:gap-2.5 md:rounded md:px-2.5 md:text-base md:hover:bg-sunken md:aria-[current=page]:bg-accent-tint`}
              >
                <Icon name={entry.icon} className="size-5 md:size-4" />
                {entry.label}
              </Link>
              {entry.to === "/projects" && (
                <Suspense>
                  <PinnedProjects />
                </Suspense>
              )}
            </li>
          ))}
          <Suspense fallback={<More entries={hidden} />}>
            <WithPinned entries={hidden}>{(all) => <More entries={all} />}</WithPinned>
          </Suspense>
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

/** What is left out on phones, in a menu. */
function More({ entries }: { entries: MenuEntry[] }) {
  if (entries.length === 0) return null;
  return (
    <li className="flex grow basis-0 md:hidden">
      <Menu label={t.shell.more} entries={entries} className={`${LOOK} w-full gap-0.5!`}>
        <Icon name="more" className="size-5" />
        {t.shell.more}
      </Menu>
    </li>
  );
}
