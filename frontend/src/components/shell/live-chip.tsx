/** Says how fresh the page is: the state of the event stream. It must not start or stop the stream. */
import { useSyncExternalStore } from "react";
import { Icon, type IconName } from "@/components/ui";
import { formatClock } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { useLive } from "@/lib/live/use-live";
import { useStore } from "@/lib/store";
import { t } from "@/messages";

type Look = { icon: IconName; short: string; long: string; color: string };

export function LiveChip() {
  const look = useLook();
  return (
    <span
      role="status"
      title={look.long}
      className={`inline-flex min-h-7 items-center gap-1.5 rounded px-1.5 text-sm ${look.color}`}
    >
      <Icon name={look.icon} className="size-3.5" />
      <span aria-hidden="true">{look.short}</span>
      <span className="sr-only">{look.long}</span>
    </span>
  );
}

function useLook(): Look {
  const { state, lastEventAt } = useLive();
  const reauth = useStore(useRuntime().reauth);
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const words = t.shell.live;
  if (reauth || state === "expired")
    return { icon: "denied", short: words.expired, long: words.expired, color: "text-warning" };
  if (state === "live") return { icon: "passed", short: words.live, long: words.live, color: "text-passed" };
  if (!online) return { icon: "slash", short: words.offline, long: words.offline, color: "text-warning" };
  if (state === "polling")
    return { icon: "clock", short: words.pollingShort, long: words.polling, color: "text-warning" };
  if (state === "down") {
    return {
      icon: "alert",
      short: words.downShort,
      long: words.down(formatClock(lastEventAt)),
      color: "text-failed",
    };
  }
  return { icon: "clock", short: words.connecting, long: words.connecting, color: "text-ink-3" };
}

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
