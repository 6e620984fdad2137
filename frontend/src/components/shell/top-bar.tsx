/** The header: product, breadcrumb, live status, account. It must work before anything is loaded. */
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Icon } from "@/components/ui";
import { overlay } from "@/lib/overlay";
import { useStore } from "@/lib/store";
import { t } from "@/messages";
import { AccountMenu } from "./later";
import { LiveChip } from "./live-chip";
import { Mark } from "./mark";
import { type Crumb, trail } from "./page";

/** Apart from the shell, because nothing on the first paint waits for it. If it can't be loaded, the header stands without. */
const IncidentBell = lazy(() => import("@/components/incidents/bell").catch(() => ({ default: () => null })));

export function TopBar() {
  return (
    <header
      data-print="hide"
      className="sticky top-0 z-30 flex min-h-12 items-center gap-3 border-b border-line bg-surface px-3 sm:px-4 md:col-span-2"
    >
      <Link to="/" className="target flex items-center gap-2 font-semibold pointer-coarse:max-sm:-me-3">
        <Mark />
        <span className="sr-only sm:not-sr-only">{t.product}</span>
      </Link>
      <Breadcrumb />
      <div className="ms-auto flex items-center gap-1.5">
        <SearchButton />
        <LiveChip />
        <Suspense>
          <IncidentBell />
        </Suspense>
        <Suspense fallback={<span className="target" />}>
          <AccountMenu />
        </Suspense>
      </div>
    </header>
  );
}

const ON_MAC = /Mac|iP/.test(navigator.platform);

function SearchButton() {
  return (
    <button
      type="button"
      aria-keyshortcuts="Meta+K Control+K"
      onClick={() => overlay.set("palette")}
      className="target inline-flex items-center justify-center gap-2 rounded border-control px-1.5 text-ink-2 hover:bg-sunken hover:text-ink lg:border lg:px-2.5"
    >
      <Icon name="search" className="size-4" />
      <span className="sr-only lg:not-sr-only">{t.action.search}</span>
      <span aria-hidden="true" className="hidden font-mono text-xs text-ink-3 lg:inline">
        {ON_MAC ? "⌘K" : "Ctrl K"}
      </span>
    </button>
  );
}

/** Phones show the page that this one is in as an arrow, and the page's own name as far as there is room beside what is live. */
function Breadcrumb() {
  const way = useStore(trail);
  if (!way) return null;
  const { parents, current } = way;
  return (
    <nav aria-label={t.shell.breadcrumb} className="@container min-w-0 grow">
      <ol className="flex min-w-0 items-center gap-1 text-ink-2">
        {parents.map((crumb, index) => (
          <ParentCrumb key={crumb.label} crumb={crumb} isNearest={index === parents.length - 1} />
        ))}
        <li className="flex min-w-0 items-center gap-1 @max-[5.5rem]:sr-only">
          <Slash />
          <span aria-current="page" className="truncate px-1 font-medium text-ink max-sm:px-0">
            {current}
          </span>
        </li>
      </ol>
    </nav>
  );
}

function ParentCrumb({ crumb: { label, to }, isNearest }: { crumb: Crumb; isNearest: boolean }) {
  return (
    <li className={`min-w-0 items-center gap-1 ${isNearest ? "flex shrink-0 sm:shrink" : "hidden lg:flex"}`}>
      <Slash />
      <Link
        {...to}
        activeOptions={{ exact: true }}
        className="target inline-flex min-w-0 items-center rounded px-1 hover:text-ink hover:underline max-sm:justify-center"
      >
        <Icon name="back" className="size-4 sm:hidden" />
        <span className="truncate max-sm:sr-only">{label}</span>
      </Link>
    </li>
  );
}

function Slash() {
  return (
    <span aria-hidden="true" className="text-ink-3 max-sm:hidden">
      /
    </span>
  );
}
