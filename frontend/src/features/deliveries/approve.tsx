/** Lets one commit of a fork be built, after saying what such a build can see and what it can't. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toApiError } from "@/api/errors";
import type { WebhookDelivery, WebhookVerdict } from "@/api/types";
import { Button, Dialog, useToasts } from "@/components/ui";
import { reasonOf } from "@/lib/form";
import { shortSha } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { approval as words } from "@/messages/en/approval";
import { deliveryQuery } from "./queries";

type Props = { delivery: WebhookDelivery; verdict: WebhookVerdict };

export default function Approve(props: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="primary"
        icon="check"
        aria-label={words.approveFor(props.verdict.pipeline_name)}
        onClick={() => setAsking(true)}
      >
        {words.approve}
      </Button>
      {asking && <Ask {...props} onClose={() => setAsking(false)} />}
    </>
  );
}

function Ask({ delivery, verdict, onClose }: Props & { onClose: () => void }) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  async function approve() {
    setPending(true);
    try {
      const answer = await runtime.api.post(
        "/v1/webhook-deliveries/{delivery_id}/verdicts/{pipeline_id}/approve",
        { path: { delivery_id: delivery.id, pipeline_id: verdict.pipeline_id } },
      );
      cache.setQueryData(deliveryQuery(runtime, delivery.id).queryKey, answer);
      toast(words.approved(verdict.pipeline_name));
      onClose();
    } catch (cause) {
      setError(reasonOf(toApiError(cause)));
      setPending(false);
    }
    await cache.invalidateQueries({ queryKey: runtime.key("deliveries") });
  }
  const footer = (
    <>
      <Button onClick={onClose}>{t.action.cancel}</Button>
      <Button variant="primary" icon="check" pending={pending} onClick={() => void approve()}>
        {words.confirm}
      </Button>
    </>
  );
  return (
    <Dialog
      title={words.title(verdict.pipeline_name)}
      description={words.commit(shortSha(delivery.commit_sha ?? ""), delivery.sender ?? "")}
      onClose={onClose}
      footer={footer}
    >
      <div className="flex flex-col gap-3">
        <List title={words.cannot} lines={words.cannotLines} />
        <List title={words.can} lines={words.canLines} />
        <p>{words.once}</p>
        {error && (
          <p role="alert" className="text-failed">
            {error}
          </p>
        )}
      </div>
    </Dialog>
  );
}

function List({ title, lines }: { title: string; lines: string[] }) {
  return (
    <div>
      <p className="font-medium">{title}</p>
      <ul className="list-disc ps-5 text-ink-2">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
