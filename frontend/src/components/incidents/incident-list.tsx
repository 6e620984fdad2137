/** The list of open incidents under its button: what is wrong, the way to repair it, marking as read. */
import { type UseQueryResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { RefObject } from "react";
import type { OperatorIncident } from "@/api/types";
import { incidentsQuery } from "@/components/sources";
import { Badge, Button, ButtonLink, QueryView, SkeletonRows, TimeAgo, useToasts } from "@/components/ui";
import { Popover } from "@/components/ui/overlays/popover-impl";
import { useRuntime } from "@/lib/instances/current";
import { incidents as words } from "@/messages/en/incidents";

const LOOK = {
  info: { tone: "running", icon: "info" },
  warning: { tone: "warning", icon: "alert" },
  critical: { tone: "failed", icon: "octagon" },
} as const;

type Incidents = { incidents: OperatorIncident[] };
type Props = {
  query: UseQueryResult<Incidents>;
  anchor: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
};

export function IncidentList({ query, anchor, onClose }: Props) {
  const mark = useMarkAsRead();
  const unread = query.data?.incidents.filter(({ read_at }) => !read_at) ?? [];
  return (
    <Popover label={words.title} anchor={anchor} onClose={onClose}>
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-2">
        <h2 className="text-lg font-semibold">{words.title}</h2>
        {unread.length > 1 && (
          <Button
            variant="ghost"
            onClick={({ currentTarget }) => {
              keepFocus(currentTarget);
              mark.mutate(unread.map(({ id }) => id));
            }}
          >
            {words.readAll}
          </Button>
        )}
      </div>
      <QueryView query={query} name={words.name} skeleton={<SkeletonRows rows={2} />}>
        {({ incidents }) =>
          incidents.length === 0 ? (
            <p className="px-3 py-3 text-ink-2">{words.none}</p>
          ) : (
            <ul aria-label={words.title} className="divide-y divide-line">
              {incidents.map((incident) => (
                <Row
                  key={incident.id}
                  incident={incident}
                  onRead={() => mark.mutate([incident.id])}
                  onFollow={onClose}
                />
              ))}
            </ul>
          )
        }
      </QueryView>
      <div className="border-t border-line px-3 py-2">
        <ButtonLink to="/settings/integrations" variant="ghost" icon="arrow" onClick={onClose}>
          {words.sources}
        </ButtonLink>
      </div>
    </Popover>
  );
}

type RowProps = { incident: OperatorIncident; onRead: () => void; onFollow: () => void };

function Row({ incident, onRead, onFollow }: RowProps) {
  const { tone, icon } = LOOK[incident.severity];
  return (
    <li className={`flex flex-col gap-1 px-3 py-2.5 ${incident.read_at ? "" : "bg-accent-tint"}`}>
      <div className="flex flex-wrap items-center gap-2">
        <Badge tone={tone} icon={icon}>
          {words.severity[incident.severity]}
        </Badge>
        <span className="text-sm text-ink-2">
          {words.since} <TimeAgo at={incident.first_occurrence_at} />
          {incident.occurrence_count > 1 && `, ${words.times(incident.occurrence_count)}`}
        </span>
      </div>
      <Link
        to="/settings/integrations/$integrationId"
        params={{ integrationId: incident.resource_id }}
        onClick={onFollow}
        className="tap self-start font-medium break-words text-accent hover:underline"
      >
        {incident.resource_name}
      </Link>
      <p className="text-ink-2">{words.reason[incident.reason]}</p>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="text-ink-2">{incident.repair_action}</span>
        {!incident.read_at && (
          <Button
            aria-label={words.readOf(incident.resource_name)}
            onClick={({ currentTarget }) => {
              keepFocus(currentTarget);
              onRead();
            }}
          >
            {words.read}
          </Button>
        )}
      </div>
    </li>
  );
}

/** The pressed button is about to go; whoever uses the keyboard stays in the list. */
function keepFocus(button: HTMLElement) {
  button.closest<HTMLElement>("[role=dialog]")?.focus({ preventScroll: true });
}

/** Shown as read at once; taken back with the server's reason if it refuses. */
function useMarkAsRead() {
  const runtime = useRuntime();
  const { toastError } = useToasts();
  const cache = useQueryClient();
  const { queryKey } = incidentsQuery(runtime);
  return useMutation({
    mutationFn: (ids: string[]) =>
      Promise.all(ids.map((id) => runtime.api.post("/v1/operator-incidents/{id}/read", { path: { id } }))),
    onMutate: async (ids) => {
      await cache.cancelQueries({ queryKey });
      const before = cache.getQueryData<Incidents>(queryKey);
      const read_at = Math.floor(Date.now() / 1000);
      cache.setQueryData<Incidents>(queryKey, (old) => {
        if (!old) return old;
        const marked = old.incidents.map((one) => (ids.includes(one.id) ? { ...one, read_at } : one));
        return { ...old, incidents: marked };
      });
      return before;
    },
    onError: (error, _, before) => {
      // The list that is read anew may not come: nobody may answer.
      cache.setQueryData(queryKey, before);
      toastError(error);
    },
    onSettled: () => cache.invalidateQueries({ queryKey }),
  });
}
