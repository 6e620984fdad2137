/** What needs somebody now, the worst first. Each matter leads to where something can be done, or can be put off. */
import { Link, type LinkProps } from "@tanstack/react-router";
import type { AttentionItem } from "@/api/types";
import { subjectOf } from "@/components/builds";
import { Button, Icon, type IconName, Menu, TimeAgo, toastWithUndo } from "@/components/ui";
import { formatBytes } from "@/lib/format";
import { t } from "@/messages";
import { HOURS, useSnooze } from "./snooze";

const words = t.home.attention;

const LOOK: Record<AttentionItem["severity"], { icon: IconName; color: string }> = {
  critical: { icon: "octagon", color: "text-failed" },
  warning: { icon: "alert", color: "text-warning" },
  info: { icon: "info", color: "text-running" },
};

export function Attention({ items }: { items: readonly AttentionItem[] }) {
  const { isSnoozed, snooze, wake } = useSnooze();
  const shown = items.filter(({ key }) => !isSnoozed(key));
  const away = items.filter(({ key }) => isSnoozed(key));
  function putOff(item: AttentionItem, hours: number) {
    snooze(item.key, hours);
    toastWithUndo(words.snoozed(sayingOf(item).title), () => wake([item.key]));
  }
  return (
    <>
      {shown.length === 0 ? (
        <p className="flex items-center gap-2 text-ink-2">
          <Icon name="passed" className="size-4 text-passed" />
          {words.nothing}
        </p>
      ) : (
        <ul aria-label={words.title} className="card divide-y divide-line overflow-hidden">
          {shown.map((item) => (
            <Matter key={item.key} item={item} onSnooze={(hours) => putOff(item, hours)} />
          ))}
        </ul>
      )}
      {away.length > 0 && (
        <p className="flex flex-wrap items-center gap-x-2 text-sm text-ink-2">
          {words.away(away.length)}
          <Button variant="ghost" onClick={() => wake(away.map(({ key }) => key))}>
            {words.wake}
          </Button>
        </p>
      )}
    </>
  );
}

function Matter({ item, onSnooze }: { item: AttentionItem; onSnooze: (hours: number) => void }) {
  const { title, text, to } = sayingOf(item);
  const { icon, color } = LOOK[item.severity];
  return (
    <li className="relative flex items-start gap-3 py-2 ps-4 pe-2 hover:bg-sunken">
      <Icon name={icon} className={`mt-1.5 size-4 ${color}`} />
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <Link
            {...to}
            data-row=""
            className="min-h-6 min-w-0 leading-6 font-medium break-words after:absolute after:inset-0 hover:underline"
          >
            {title}
          </Link>
          <span className="sr-only">{words.severity[item.severity]}</span>
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm break-words text-ink-2">
          <span className="min-w-0">{text}</span>
          {item.since && <TimeAgo at={item.since} className="text-ink-3" />}
        </p>
      </div>
      <span className="relative z-10">
        <Menu
          label={words.snooze(title)}
          entries={[
            { kind: "heading", label: words.snoozeFor },
            ...HOURS.map((hours) => ({
              kind: "action" as const,
              label: words.hours[hours],
              onSelect: () => onSnooze(hours),
            })),
          ]}
        >
          <Icon name="clock" className="size-4" />
        </Menu>
      </span>
    </li>
  );
}

type Saying = { title: string; text: string; to: LinkProps };

function sayingOf(item: AttentionItem): Saying {
  const { build, runner, disk, source, kind } = item;
  if (build && (kind === "build_failed" || kind === "build_waiting")) {
    const place = `${build.context?.project_name ?? ""} / ${build.context?.pipeline_name ?? ""}`;
    const failed = words.failed(build.branch ?? "", place);
    return {
      title: `${subjectOf(build)} ${t.builds.number(build.build_number)}`,
      text: kind === "build_failed" ? failed : (build.waiting_reason ?? words.waiting(place)),
      to: { to: "/builds/$buildId", params: { buildId: build.id } },
    };
  }
  if (disk) {
    const room = words.room(formatBytes(disk.free_bytes), formatBytes(disk.total_bytes));
    return {
      title: runner ? words.diskOf(runner.name) : words.disk,
      text: disk.stops_builds ? `${room} ${words.stops}` : room,
      to: runner ? runnerLink(runner.id) : { to: "/runners" },
    };
  }
  if (runner)
    return { title: words.offline(runner.name), text: words.offlineText, to: runnerLink(runner.id) };
  if (source) {
    const to: LinkProps = {
      to: "/settings/integrations/$integrationId",
      params: { integrationId: source.id },
    };
    return { title: words.source[source.reason](source.name), text: source.repair_action, to };
  }
  if (kind === "paused")
    return { title: t.paused.title, text: item.reason ?? t.paused.text, to: { to: "/settings/general" } };
  return { title: words.noRunner, text: words.noRunnerText, to: { to: "/runners" } };
}

const runnerLink = (runnerId: string): LinkProps => ({ to: "/runners/$runnerId", params: { runnerId } });
