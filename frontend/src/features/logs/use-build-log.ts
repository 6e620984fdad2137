/**
 * React's hold on one build's log session: made when the page opens, ended when it is left. The page must be keyed by the
 * build's id, a session never changes its build.
 */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Build } from "@/api/types";
import { isActive } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { MAX_LOG_BYTES } from "@/lib/log/bytes";
import type { WorkerLike } from "@/lib/log/client";
import type { LogPlace } from "@/lib/log/messages";
import { LogSession, type LogSnapshot } from "@/lib/log/session";
import { startWorker } from "@/lib/workers";
import { logSource } from "./source";

export interface BuildLog {
  readonly session: LogSession;
  readonly snapshot: LogSnapshot;
}

/** Small devices have little memory to spare: of a larger log they hold a part, and search the rest on the server. */
const SMALL_DEVICE_BYTES = 16 * 1024 * 1024;

function mostBytes(): number {
  const { deviceMemory } = navigator as { deviceMemory?: number };
  const isSmall = window.matchMedia("(pointer: coarse)").matches || (deviceMemory ?? 8) <= 4;
  return isSmall ? SMALL_DEVICE_BYTES : MAX_LOG_BYTES;
}

const makeWorker = (): WorkerLike => startWorker("log") as WorkerLike;

/** `place`: the lines that the page's address names. */
export function useBuildLog(build: Build, place: LogPlace | null): BuildLog {
  const { api, live } = useRuntime();
  const now = useRef({ build, place });
  useEffect(() => {
    now.current = { build, place };
  });
  const [session] = useState(
    () =>
      new LogSession({
        source: logSource(api, build.id, () => now.current.build.step_results ?? []),
        makeWorker,
        hasEnded: () => !isActive(now.current.build.status),
        maxBytes: mostBytes(),
        place: () => now.current.place,
      }),
  );
  // Also after the end: a cancelled step may have last words.
  useEffect(
    () => live.on("log", ({ build_id, sequence }) => build_id === build.id && session.heardOf(sequence)),
    [live, build.id, session],
  );
  const snapshot = useSyncExternalStore(session.subscribe, session.get);
  useEffect(() => {
    session.start();
    return () => session.stop();
  }, [session]);
  return { session, snapshot };
}
