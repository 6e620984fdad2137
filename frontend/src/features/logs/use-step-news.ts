/** A sentence for screen readers when a step begins or ends while the log streams. Lines are never read out. */
import { useEffect, useRef, useState } from "react";
import type { LogSnapshot } from "@/lib/log/session";
import { t } from "@/messages";

export function useStepNews({ phase, state }: LogSnapshot): string {
  const [news, setNews] = useState("");
  const last = state.steps.at(-1);
  const key = last && last.index > 0 ? `${last.index}:${last.status}` : "";
  const heard = useRef<string | null>(null);
  useEffect(() => {
    if (phase === "loading") return;
    const isFirst = heard.current === null;
    if (heard.current === key) return;
    heard.current = key;
    if (isFirst || !last || last.index === 0) return;
    setNews(
      last.status === "running"
        ? t.logs.stepStarted(last.name)
        : t.logs.stepEnded(last.name, t.logs.stepStatus[last.status]),
    );
  }, [phase, key, last]);
  return news;
}
