/** What came of a delivery, in a word and a shape. */
import type { WebhookDelivery } from "@/api/types";
import { Badge } from "@/components/ui";
import { deliveries as words } from "@/messages/en/deliveries";
import type { Outcome } from "./wire";

const LOOK = {
  built: { tone: "passed", icon: "passed" },
  failed: { tone: "failed", icon: "octagon" },
  invalid: { tone: "failed", icon: "alert" },
  blocked: { tone: "warning", icon: "denied" },
  already_built: { tone: "queued", icon: "check" },
  superseded: { tone: "queued", icon: "slash" },
  skipped: { tone: "queued", icon: "slash" },
  filtered: { tone: "queued", icon: "filter" },
  disabled: { tone: "queued", icon: "pause" },
  ignored: { tone: "queued", icon: "slash" },
  duplicate: { tone: "queued", icon: "copy" },
} as const;

export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  const { tone, icon } = LOOK[outcome];
  return (
    <Badge tone={tone} icon={icon}>
      {words.outcomes[outcome]}
    </Badge>
  );
}

export function DeliveryBadge({ delivery }: { delivery: WebhookDelivery }) {
  if (delivery.outcome) return <OutcomeBadge outcome={delivery.outcome} />;
  return (
    <Badge tone="running" icon="clock">
      {words.waiting}
    </Badge>
  );
}

/** What happened, as its host calls it. */
export function eventName({ event, provider }: WebhookDelivery): string {
  const names = provider === "local_git" ? words.localEvents : words.events;
  return names[event] ?? event;
}

/** A branch or tag as people call it. */
export function refName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, "");
}
