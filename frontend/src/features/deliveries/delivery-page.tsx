/** One delivery: what it told, what came of it for each pipeline, and working it off once more. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { WebhookDelivery } from "@/api/types";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { type Crumb, Page } from "@/components/shell";
import {
  Button,
  ButtonLink,
  Bytes,
  Fact,
  Facts,
  GoneState,
  QueryView,
  Section,
  TimeAgo,
  useToasts,
} from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { deliveries as words } from "@/messages/en/deliveries";
import { DeliveryBadge, eventName, OutcomeBadge, refName } from "./outcome-badge";
import { deliveryQuery } from "./queries";

const Approve = lazy(() => import("./approve"));

const PARENTS: Crumb[] = [...SETTINGS_PARENTS, { label: words.title, to: { to: "/settings/deliveries" } }];

export function DeliveryPage({ deliveryId }: { deliveryId: string }) {
  const query = useQuery(deliveryQuery(useRuntime(), deliveryId));
  const delivery = query.data?.delivery;
  const back = <ButtonLink to="/settings/deliveries">{words.title}</ButtonLink>;
  return (
    <SettingsFrame>
      <Page
        title={delivery ? eventName(delivery) : words.one}
        parents={PARENTS}
        actions={delivery && <Replay delivery={delivery} />}
      >
        <QueryView query={query} name={words.one} gone={<GoneState name={words.one} actions={back} />}>
          {({ delivery }) => (
            <div className="flex max-w-3xl flex-col gap-6">
              <Verdicts delivery={delivery} />
              <Received delivery={delivery} />
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function Replay({ delivery }: { delivery: WebhookDelivery }) {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const cache = useQueryClient();
  const can = useCan();
  const [pending, setPending] = useState(false);
  async function replay() {
    setPending(true);
    try {
      const path = { delivery_id: delivery.id };
      const answer = await runtime.api.post("/v1/webhook-deliveries/{delivery_id}/replay", { path });
      cache.setQueryData(deliveryQuery(runtime, delivery.id).queryKey, answer);
      toast(words.replayed);
    } catch (cause) {
      toastError(cause);
    }
    setPending(false);
    await cache.invalidateQueries({ queryKey: runtime.key("deliveries") });
  }
  if (!delivery.can_replay || !can("integrations.write")) return null;
  return (
    <Button icon="rerun" pending={pending} onClick={() => void replay()}>
      {words.replay}
    </Button>
  );
}

function Verdicts({ delivery }: { delivery: WebhookDelivery }) {
  const { verdicts, reason, status, attempts } = delivery;
  return (
    <Section title={words.verdicts} actions={<DeliveryBadge delivery={delivery} />}>
      {reason && <p className="break-words">{reason}</p>}
      {status === "waiting" && <p>{attempts > 0 ? words.retrying(attempts) : words.waitingText}</p>}
      {verdicts.length > 0 && (
        <ul aria-label={words.verdicts} className="card divide-y divide-line">
          {verdicts.map((verdict) => (
            <li
              key={verdict.pipeline_id}
              className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 px-4 py-2.5"
            >
              <div className="min-w-0 grow basis-56">
                <Link
                  to="/projects/$projectId/pipelines/$pipelineId"
                  params={{ projectId: verdict.project_id, pipelineId: verdict.pipeline_id }}
                  className="tap font-medium break-words hover:underline"
                >
                  {`${verdict.project_name} / ${verdict.pipeline_name}`}
                </Link>
                <p className="break-words text-ink-2">{verdict.reason}</p>
                {verdict.build_id && verdict.build_number && (
                  <Link
                    to="/builds/$buildId"
                    params={{ buildId: verdict.build_id }}
                    className="tap text-accent hover:underline"
                  >
                    {words.build(verdict.build_number)}
                  </Link>
                )}
              </div>
              <div className="flex flex-wrap items-center gap-3">
                {verdict.can_approve && (
                  <Suspense fallback={null}>
                    <Approve delivery={delivery} verdict={verdict} />
                  </Suspense>
                )}
                <OutcomeBadge outcome={verdict.outcome} />
              </div>
            </li>
          ))}
        </ul>
      )}
      {delivery.can_replay && <p className="text-sm text-ink-3">{words.replayText}</p>}
    </Section>
  );
}

function Received({ delivery }: { delivery: WebhookDelivery }) {
  return (
    <Section title={words.facts}>
      <Facts>
        <Fact name={words.source}>
          <Link
            to="/settings/integrations/$integrationId"
            params={{ integrationId: delivery.integration_id }}
            className="tap text-accent break-words hover:underline"
          >
            {delivery.integration_name ?? delivery.integration_id}
          </Link>
        </Fact>
        {delivery.repository_name && <Fact name={words.repository}>{delivery.repository_name}</Fact>}
        {delivery.ref && (
          <Fact name={words.ref}>
            <span className="break-all">{refName(delivery.ref)}</span>
          </Fact>
        )}
        {delivery.commit_sha && (
          <Fact name={words.commit}>
            <code className="font-mono text-sm break-all">{delivery.commit_sha}</code>
          </Fact>
        )}
        {delivery.sender && <Fact name={words.sender}>{delivery.sender}</Fact>}
        <Fact name={words.arrived}>{words.arrivals[delivery.arrived_by]}</Fact>
        <Fact name={words.received}>
          <TimeAgo at={delivery.received_at} />
        </Fact>
        {delivery.finished_at && (
          <Fact name={words.finished}>
            <TimeAgo at={delivery.finished_at} />
          </Fact>
        )}
        <Fact name={words.attempts}>{delivery.attempts}</Fact>
        <Fact name={words.size}>
          <Bytes value={delivery.body_bytes} />
        </Fact>
        {delivery.arrived_by !== "poll" && (
          <Fact name={words.externalId}>
            <code className="font-mono text-sm break-all">{delivery.external_id}</code>
          </Fact>
        )}
        {delivery.duplicate_of && (
          <Fact name={words.duplicateOf}>
            <Link
              to="/settings/deliveries/$deliveryId"
              params={{ deliveryId: delivery.duplicate_of }}
              className="tap text-accent break-all hover:underline"
            >
              {delivery.duplicate_of}
            </Link>
          </Fact>
        )}
      </Facts>
    </Section>
  );
}
