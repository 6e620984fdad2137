/**
 * The pinned projects, below their entry in the side bar, and on phones behind "More". Loaded beside the shell, which stands
 * without them. It must not ask for anything: what they are called is kept with them.
 */
import { Link, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { MenuEntry } from "@/components/ui";
import { type Pin, usePins } from "@/lib/pins";
import { t } from "@/messages";

/** Those whose name is known. */
const usePinned = (): Pin[] => usePins().pins.filter(({ name }) => name !== "");

export function PinnedProjects() {
  const pinned = usePinned();
  if (pinned.length === 0) return null;
  return (
    <ul aria-label={t.projects.pins.list} className="hidden flex-col gap-0.5 pt-0.5 md:flex">
      {pinned.map(({ id, name }) => (
        <li key={id}>
          <Link
            to="/projects/$projectId"
            params={{ projectId: id }}
            activeOptions={{ includeSearch: false }}
            title={name}
            className="target flex items-center rounded ps-9 pe-2.5 text-ink-2 hover:bg-sunken hover:text-ink aria-[current=page]:font-medium aria-[current=page]:text-accent"
          >
            <span className="truncate">{name}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

export type WithPinnedProps = { entries: MenuEntry[]; children: (all: MenuEntry[]) => ReactNode };

/** Adds the pinned projects to the entries of a menu. */
export function WithPinned({ entries, children }: WithPinnedProps) {
  const router = useRouter();
  const projects = usePinned().map(
    ({ id, name }): MenuEntry => ({
      kind: "action",
      label: name,
      icon: "pin",
      onSelect: () => void router.navigate({ to: "/projects/$projectId", params: { projectId: id } }),
    }),
  );
  const heading: MenuEntry = { kind: "heading", label: t.projects.pins.list };
  return children(projects.length > 0 ? [...entries, heading, ...projects] : entries);
}
