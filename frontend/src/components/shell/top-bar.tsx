/** The header: product, breadcrumb, live status, account. It must work before anything is loaded. */
import { Link } from "@tanstack/react-router";
import { useStore } from "@/lib/store";
import { t } from "@/messages";
import { AccountMenu } from "./account-menu";
import { LiveChip } from "./live-chip";
import { crumbs } from "./page";

export function TopBar() {
  return (
    <header
      data-print="hide"
      className="sticky top-0 z-30 flex min-h-12 items-center gap-3 border-b border-line bg-surface px-3 sm:px-4 md:col-span-2"
    >
      <Link to="/" aria-label={t.shell.toHome} className="target flex items-center gap-2 font-semibold">
        <Mark />
        <span className="hidden sm:inline">{t.product}</span>
      </Link>
      <Breadcrumb />
      <div className="ms-auto flex items-center gap-1.5">
        <LiveChip />
        <AccountMenu />
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" className="size-6 rounded bg-accent text-on-accent">
      <path
        d="M8 16a5 5 0 1 1 8 4 5 5 0 1 0 8-8 5 5 0 1 0-8 8"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
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
