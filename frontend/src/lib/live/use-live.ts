/** React's view of the event stream. Components subscribe here and must not open streams of their own. */
import { useEffect, useEffectEvent } from "react";
import { useRuntime } from "@/lib/instances/current";
import { useStore } from "@/lib/store";
import type { LiveEvents, LiveName } from "./events";
import type { LiveStatus } from "./hub";

/** The state of the line, for chips and banners. */
export function useLive(): LiveStatus {
  return useStore(useRuntime().live.status);
}

/** Runs `handler` for each event of that name while the component is mounted. */
export function useLiveEvent<N extends LiveName>(name: N, handler: (data: LiveEvents[N]) => void): void {
  const { live } = useRuntime();
  const run = useEffectEvent(handler);
  useEffect(() => live.on(name, (data) => run(data)), [live, name]);
}
