/** Main navigation: a side bar on wide windows, a bottom bar on phones. Entries exist only for pages that exist. */
import { Link, type LinkProps } from "@tanstack/react-router";
import { Icon, type IconName } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { t } from "@/messages";

type Entry = { to: LinkProps["to"]; label: string; icon: IconName; needs?: string };

const ENTRIES: Entry[] = [
  { to: "/", label: t.shell.home, icon: "home" },
  { to: "/builds", label: t.shell.builds, icon: "build" },
  { to: "/projects", label: t.shell.projects, icon: "project" },
  { to: "/runners", label: t.shell.runners, icon: "runner", needs: "runners.read" },
];

function useEntries(): Entry[] {
  const can = useCan();
  return ENTRIES.filter((entry) => !entry.needs || can(entry.needs));
}

export function SideBar() {
  const entries = useEntries();
  return (
    <nav
      aria-label={t.shell.mainNav}
      data-print="hide"
      className="hidden border-e border-line bg-surface md:block"
    >
      <ul className="sticky top-14 flex flex-col gap-0.5 p-2">
        {entries.map((entry) => (
          <li key={entry.label}>
            <Link
              to={entry.to}
              activeOptions={{ exact: entry.to === "/", includeSearch: false }}
              className="target flex items-center gap-2.5 rounded px-2.5 font-medium text-ink-2 hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-tint aria-[current=page]:text-accent"
            >
              <Icon name={entry.icon} />
              {entry.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function BottomBar() {
  const entries = useEntries();
  return (
    <nav
      aria-label={t.shell.mainNav}
      data-print="hide"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="flex">
        {entries.map((entry) => (
          <li key={entry.label} className="grow basis-0">
            <Link
              to={entry.to}
              activeOptions={{ exact: entry.to === "/", includeSearch: false }}
              className="flex min-h-14 flex-col items-center justify-center gap-0.5 text-xs font-medium text-ink-2 aria-[current=page]:text-accent"
            >
              <Icon name={entry.icon} className="size-5" />
              {entry.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
