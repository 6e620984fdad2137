/** Whether a source works, in a word and a shape. */
import type { Integration } from "@/api/types";
import { Badge } from "@/components/ui";
import { sourceNames as words } from "@/messages/en/source-names";

const LOOK = {
  active: { tone: "passed", icon: "passed" },
  inactive: { tone: "warning", icon: "alert" },
  error: { tone: "failed", icon: "octagon" },
} as const;

export function SourceBadge({ status }: { status: Integration["status"] }) {
  const { tone, icon } = LOOK[status];
  return (
    <Badge tone={tone} icon={icon}>
      {words.status[status]}
    </Badge>
  );
}
