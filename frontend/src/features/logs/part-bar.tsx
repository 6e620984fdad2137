/** Says which part of a log is shown that is too large for the device, and leads to the others. */
import type { ReactNode } from "react";
import { Button, toastError } from "@/components/ui";
import type { LogState } from "@/lib/log/messages";
import { logParts as t } from "@/messages/en/log-parts";
import { partWords } from "./part-words";
import type { Reach } from "./use-reach";

type Props = {
  state: LogState;
  isMoving: boolean;
  isLive: boolean;
  reach: Reach;
  onDownload: () => void;
};

export default function PartBar({ state, isMoving, isLive, reach, onDownload }: Props): ReactNode {
  const hasMore = state.until !== null;
  const go = (way: () => Promise<void>) => () => void way().catch(toastError);
  return (
    <section
      aria-label={t.region}
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded bg-running-tint px-3 py-2"
    >
      {/* The end grows with every line, which nobody wants to be told. */}
      <p role={hasMore ? "status" : undefined} className="tabular min-w-0 grow text-sm text-ink-2">
        {partWords(state)}
        {hasMore && isLive && ` ${t.unfollowed}`}
      </p>
      <div className="flex flex-wrap gap-2">
        {state.first > 0 && (
          <Button pending={isMoving} onClick={go(reach.earlier)}>
            {t.earlier}
          </Button>
        )}
        {hasMore && (
          <>
            <Button pending={isMoving} onClick={go(reach.later)}>
              {t.later}
            </Button>
            <Button icon="down" pending={isMoving} onClick={go(reach.end)}>
              {t.end}
            </Button>
          </>
        )}
        {/* Beside three others it would take too much of a phone, whose toolbar has it too. */}
        <Button icon="download" onClick={onDownload} className={hasMore ? "max-sm:hidden" : ""}>
          {t.download}
        </Button>
      </div>
    </section>
  );
}
