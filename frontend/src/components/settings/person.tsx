/** How a person is named in lists, and the badge of an account's status. */
import type { ReactNode } from "react";
import type { UserStatus } from "@/api/types";
import { Badge } from "@/components/ui";
import { roles } from "@/messages/later";

type Props = { email: string; name?: string | null; isYou?: boolean; children?: ReactNode };

export function Person({ email, name, isYou = false, children }: Props) {
  return (
    <div className="min-w-0">
      <p className="font-medium break-all">
        {name ?? email}
        {isYou && <span className="ms-1.5 font-normal text-ink-3">({roles.you})</span>}
      </p>
      {name && <p className="text-sm break-all text-ink-3">{email}</p>}
      {children}
    </div>
  );
}

const LOOK = {
  active: { tone: "passed", icon: "passed" },
  invited: { tone: "queued", icon: "clock" },
  disabled: { tone: "warning", icon: "slash" },
} as const;

export function UserStatusBadge({ status }: { status: UserStatus }) {
  const { tone, icon } = LOOK[status];
  return (
    <Badge tone={tone} icon={icon}>
      {roles.status[status]}
    </Badge>
  );
}
