/** Says over every page that the instance is out of reach, and since when. It goes by itself when the line is back. */
import { Banner } from "@/components/ui";
import { formatClock } from "@/lib/format";
import { useLive } from "@/lib/live/use-live";
import { t } from "@/messages";

export function DownBanner() {
  const { state, lastEventAt } = useLive();
  if (state !== "down") return null;
  return (
    <div className="px-4 pt-4 sm:px-6">
      <Banner tone="warning" title={t.shell.live.down(formatClock(lastEventAt))}>
        <p>{t.shell.live.downText}</p>
      </Banner>
    </div>
  );
}
