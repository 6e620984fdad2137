/** The header: product, breadcrumb, live status, account. It must work before anything is loaded. */
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Icon } from "@/components/ui";
import { overlay } from "@/lib/overlay";
import { useStore } from "@/lib/store";
import { t } from "@/messages";
import { AccountMenu } from "./account-menu";
import { LiveChip } from "./live-chip";
import { Mark } from "./mark";
import { crumbs } from "./page";

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
        <AccountMenu />
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

function Breadcrumb() {
  const trail = useStore(crumbs);
  if (trail.length === 0) return null;
  return (
    <nav aria-label={t.shell.breadcrumb} className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1 text-ink-2">
        {trail.map((crumb, index) => (
          <li
            key={crumb.label}
            className={`min-w-0 items-center gap-1 ${index < trail.length - 1 ? "hidden lg:flex" : "flex"}`}
          >
            <span aria-hidden="true" className="text-ink-3">
              /
            </span>
            <Link
              {...crumb.to}
              className="target inline-flex items-center truncate rounded px-1 hover:text-ink hover:underline"
            >
              <span className="truncate">{crumb.label}</span>
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
