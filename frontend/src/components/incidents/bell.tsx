/**
 * The button in the header that says how many incidents are unread, and opens their list. It follows the event stream; it is
 * for who repairs sources and must not be shown to others.
 */
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { OperatorIncident } from "@/api/types";
import { incidentsQuery } from "@/components/sources";
import { Icon } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { incidents as words } from "@/messages/en/incidents";
import { IncidentList } from "./incident-list";

export default function IncidentBell() {
  const can = useCan();
  return can("integrations.write") ? <Bell /> : null;
}

type Severity = OperatorIncident["severity"];

const DOT: Record<Severity, string> = {
  info: "bg-running-tint text-running",
  warning: "bg-warning-tint text-warning",
  critical: "bg-failed-tint text-failed",
};
const WORST: readonly Severity[] = ["critical", "warning", "info"];

function Bell() {
  const query = useQuery(incidentsQuery(useRuntime()));
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const unread = query.data?.incidents.filter(({ read_at }) => !read_at) ?? [];
  const isUnknown = !query.data && query.isFetched;
  const worst = WORST.find((severity) => unread.some((incident) => incident.severity === severity));
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={isUnknown ? words.unknown : words.open(unread.length, worst ? words.worst[worst] : null)}
        onClick={() => setOpen(!open)}
        className="target relative inline-flex items-center justify-center rounded px-1.5 text-ink-2 hover:bg-sunken hover:text-ink"
      >
        <Icon name="bell" className="size-5" />
        {(worst || isUnknown) && (
          <span
            aria-hidden="true"
            className={`tabular absolute -end-0.5 top-0 min-w-4 rounded-full px-1 text-center text-xs font-medium ${DOT[worst ?? "warning"]}`}
          >
            {isUnknown ? "!" : unread.length > 99 ? "99+" : unread.length}
          </span>
        )}
      </button>
      {open && <IncidentList query={query} anchor={button} onClose={() => setOpen(false)} />}
    </>
  );
}
