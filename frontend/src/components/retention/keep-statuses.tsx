/** Which outcomes of builds retention never touches. */
import type { BuildStatus } from "@/api/types";
import { Choice, ChoiceGroup } from "@/components/ui";
import { t } from "@/messages";
import { retention as words } from "@/messages/en/retention";

const ENDED = ["succeeded", "failed", "timed_out", "canceled", "expired"] as const;

type Props = { kept: readonly BuildStatus[]; onKept: (kept: BuildStatus[]) => void };

export function KeepStatuses({ kept, onKept }: Props) {
  return (
    <ChoiceGroup label={words.keep}>
      {ENDED.map((status) => (
        <Choice
          key={status}
          kind="checkbox"
          label={t.builds.status[status]}
          checked={kept.includes(status)}
          onChange={({ target }) =>
            onKept(target.checked ? [...kept, status] : kept.filter((one) => one !== status))
          }
        />
      ))}
    </ChoiceGroup>
  );
}
