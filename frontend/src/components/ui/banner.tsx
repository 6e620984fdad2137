/** A strip that says something about the whole page: a warning, stale data. It must offer the way out. */
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";

const LOOK = {
  info: { box: "bg-running-tint", icon: "info", color: "text-running" },
  warning: { box: "bg-warning-tint", icon: "alert", color: "text-warning" },
  bad: { box: "bg-failed-tint", icon: "octagon", color: "text-failed" },
} satisfies Record<string, { box: string; icon: IconName; color: string }>;

type Props = { tone: keyof typeof LOOK; title: string; children?: ReactNode; actions?: ReactNode };

export function Banner({ tone, title, children, actions }: Props) {
  const look = LOOK[tone];
  return (
    <div className={`flex flex-wrap items-start gap-x-3 gap-y-2 rounded px-3 py-2.5 ${look.box}`}>
      <Icon name={look.icon} className={`mt-0.5 size-4 ${look.color}`} />
      <div className="flex min-w-0 grow basis-60 flex-col gap-1.5">
        <p className={`font-medium ${look.color}`}>{title}</p>
        {children && <div className="flex flex-col gap-1.5 text-ink-2">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
