/** The pinned projects, below their entry in the side bar. On phones they are behind "More". */
import { Link } from "@tanstack/react-router";
import { type Pin, usePins } from "@/lib/pins";
import { t } from "@/messages";

/** Those whose name is known. */
export const usePinned = (): readonly Pin[] => usePins().pins.filter(({ name }) => name !== "");

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
