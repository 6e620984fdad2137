/** Says which part of a log is shown that is too large for the device, and leads to the others. */
import type { Build } from "@/api/types";
import { Button, isActive, toastError } from "@/components/ui";
import { formatNumber } from "@/lib/format";
import type { LogSnapshot } from "@/lib/log/session";
import { t } from "@/messages";
import { useLogDownload } from "./toolbar";
import type { Reach } from "./use-reach";

type Props = { snapshot: LogSnapshot; build: Build; reach: Reach };

export function PartBar({ snapshot: { state, moving }, build, reach }: Props) {
  const download = useLogDownload(build.id);
  const { first, lines, total, until } = state;
  if (first === 0 && until === null) return null;
  const go = (way: () => Promise<void>) => () => void way().catch(toastError);
  return (
    <section
      aria-label={t.logs.part.region}
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded bg-running-tint px-3 py-2"
    >
      {/* The end grows with every line, which nobody wants to be told. */}
      <p role={until === null ? undefined : "status"} className="tabular min-w-0 grow text-sm text-ink-2">
        {until === null
          ? t.logs.part.last(formatNumber(lines - first), formatNumber(total))
          : t.logs.part.between(formatNumber(first + 1), formatNumber(lines), formatNumber(total))}
        {until !== null && isActive(build.status) && ` ${t.logs.part.unfollowed}`}
      </p>
      <div className="flex flex-wrap gap-2">
        {first > 0 && (
          <Button pending={moving} onClick={go(reach.earlier)}>
            {t.logs.part.earlier}
          </Button>
        )}
        {until !== null && (
          <>
            <Button pending={moving} onClick={go(reach.later)}>
              {t.logs.part.later}
            </Button>
            <Button icon="down" pending={moving} onClick={go(reach.end)}>
              {t.logs.part.end}
            </Button>
          </>
        )}
        <Button icon="download" onClick={download}>
          {t.logs.part.download}
        </Button>
      </div>
    </section>
  );
}
