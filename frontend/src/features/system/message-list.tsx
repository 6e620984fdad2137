/** Messages of the daemon: a line each, which opens to what it is about. It must show them as text only. */
import type { DaemonMessage, DaemonMessageLevel } from "@/api/types";
import { Badge, CopyButton, Icon, TimeAgo } from "@/components/ui";
import { formatAbsolute } from "@/lib/format";
import { daemonMessages as words } from "@/messages/en/daemon-messages";
import { keyed, valueText } from "./message-text";

const LOOK = {
  error: { tone: "failed", icon: "octagon" },
  warn: { tone: "warning", icon: "alert" },
  info: { tone: "queued", icon: "info" },
} as const satisfies Record<DaemonMessageLevel, object>;

export function MessageList({ messages }: { messages: readonly DaemonMessage[] }) {
  return (
    <ul aria-label={words.list} className="card divide-y divide-line">
      {keyed(messages).map(({ key, message }) => (
        <Message key={key} message={message} />
      ))}
    </ul>
  );
}

function Message({ message: { at, level, message, fields } }: { message: DaemonMessage }) {
  const { tone, icon } = LOOK[level];
  return (
    <li>
      <details className="group">
        <summary className="target grid cursor-pointer list-none grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-1 px-4 py-2 hover:bg-canvas sm:grid-cols-[auto_6rem_minmax(0,1fr)_auto]">
          <Icon name="chevron" className="size-3.5 text-ink-3 group-open:rotate-90" />
          <span>
            <Badge tone={tone} icon={icon}>
              {words.levelNames[level]}
            </Badge>
          </span>
          <span className="order-last col-span-3 wrap-anywhere sm:order-none sm:col-span-1">{message}</span>
          <TimeAgo at={at / 1000} className="text-sm text-ink-3" />
        </summary>
        <dl className="grid items-baseline gap-x-4 gap-y-1 border-t border-line bg-canvas px-4 py-3 sm:grid-cols-[11rem_minmax(0,1fr)] sm:ps-12">
          <dt className="text-ink-3">{words.when}</dt>
          <dd>{formatAbsolute(at)}</dd>
          {Object.entries(fields).map(([name, value]) => (
            <FieldOf key={name} name={name} text={valueText(value)} />
          ))}
        </dl>
      </details>
    </li>
  );
}

function FieldOf({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt className="font-mono text-sm break-all text-ink-3">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1">
        <code className="min-w-0 font-mono text-sm wrap-anywhere">{text}</code>
        {name === "request_id" && <CopyButton text={text} label={words.copyField(name)} />}
      </dd>
    </>
  );
}
