/** What was told through a channel, newest first: whether it arrived, else why not and when it is tried again. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { NotificationDelivery } from "@/api/types";
import { Cell, Head, Table } from "@/components/settings";
import { Badge, QueryView, Section, TimeAgo } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import type { Runtime } from "@/lib/instances/runtime";
import { notifications } from "@/messages/en/notifications";

const words = notifications.deliveries;

const toldQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("notifications", "deliveries", id),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/settings/notification-channels/{id}/deliveries", { path: { id }, signal }),
    staleTime: 0,
  });

const LOOK = {
  pending: { tone: "running", icon: "clock" },
  delivered: { tone: "passed", icon: "passed" },
  failed: { tone: "failed", icon: "octagon" },
} as const;

export function Told({ channelId }: { channelId: string }) {
  const query = useQuery(toldQuery(useRuntime(), channelId));
  return (
    <Section title={words.title}>
      <QueryView query={query} name={words.name}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <p className="text-ink-2">{words.none}</p>
          ) : (
            <Rows deliveries={deliveries} />
          )
        }
      </QueryView>
    </Section>
  );
}

function Rows({ deliveries }: { deliveries: NotificationDelivery[] }) {
  const head = (
    <>
      <Head>{words.event}</Head>
      <Head>{words.state}</Head>
      <Head show="wide">{words.attempts}</Head>
      <Head show="wide">{words.when}</Head>
    </>
  );
  return (
    <Table label={words.title} head={head}>
      {deliveries.map((delivery) => (
        <tr key={delivery.id}>
          <Cell>
            <What delivery={delivery} />
          </Cell>
          <Cell>
            <Badge {...LOOK[delivery.status]}>{words.status[delivery.status]}</Badge>
          </Cell>
          <Cell show="wide">{formatNumber(delivery.attempt_count)}</Cell>
          <Cell show="wide">
            <TimeAgo at={delivery.delivered_at ?? delivery.created_at} className="text-ink-2" />
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

function What({ delivery }: { delivery: NotificationDelivery }) {
  const { build_id, event_type, last_error, next_attempt_at, status } = delivery;
  const name = words.events[event_type] ?? event_type;
  return (
    <div className="min-w-0">
      {build_id ? (
        <Link
          to="/builds/$buildId"
          params={{ buildId: build_id }}
          className="tap text-accent underline underline-offset-2"
        >
          {name}
        </Link>
      ) : (
        <p>{name}</p>
      )}
      {last_error && status !== "delivered" && (
        <p className="text-sm wrap-anywhere text-ink-2">{last_error}</p>
      )}
      {next_attempt_at && status === "pending" && (
        <p className="text-sm text-ink-3">
          {words.next}: <TimeAgo ahead at={next_attempt_at} />
        </p>
      )}
    </div>
  );
}
