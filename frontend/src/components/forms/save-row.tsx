/** The foot of a form: save it, or go back to what is stored. It must not know the fields. */
import { Button, LeaveGuard } from "@/components/ui";
import { t } from "@/messages";

type Props = { label: string; dirty: boolean; pending: boolean; onDiscard: () => void };

export function SaveRow({ label, dirty, pending, onDiscard }: Props) {
  return (
    <div className="flex flex-wrap gap-2">
      <LeaveGuard dirty={dirty && !pending} />
      <Button type="submit" variant="primary" pending={pending}>
        {label}
      </Button>
      {dirty && (
        <Button variant="ghost" onClick={onDiscard}>
          {t.action.discard}
        </Button>
      )}
    </div>
  );
}
