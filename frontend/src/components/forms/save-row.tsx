/** The foot of a form: save it, or go back to what is stored. It must not know the fields. */
import { createContext, useContext, useEffect } from "react";
import { Button, LeaveGuard } from "@/components/ui";
import { t } from "@/messages";

/** Whether a form holds what is not stored. */
export type Typing = "no" | "yes" | "saving";

/** Who wants to know, besides the browser. */
export const TypingContext = createContext<(typing: Typing) => void>(() => undefined);

type Props = { label: string; dirty: boolean; pending: boolean; onDiscard: () => void };

export function SaveRow({ label, dirty, pending, onDiscard }: Props) {
  const tell = useContext(TypingContext);
  const typing = pending ? "saving" : dirty ? "yes" : "no";
  useEffect(() => tell(typing), [tell, typing]);
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
