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
import { LogSession, type LogSnapshot } from "@/lib/log/session";
import { startWorker } from "@/lib/workers";
import { logSource } from "./source";

export interface BuildLog {
  readonly session: LogSession;
  readonly snapshot: LogSnapshot;
}

/** Small devices have little memory to spare: they are shown the beginning, and search the rest on the server. */
const SMALL_DEVICE_BYTES = 16 * 1024 * 1024;

function mostBytes(): number {
  const { deviceMemory } = navigator as { deviceMemory?: number };
  const isSmall = window.matchMedia("(pointer: coarse)").matches || (deviceMemory ?? 8) <= 4;
  return isSmall ? SMALL_DEVICE_BYTES : MAX_LOG_BYTES;
}

const makeWorker = (): WorkerLike => startWorker("log") as WorkerLike;

export function useBuildLog(build: Build): BuildLog {
  const { api, live } = useRuntime();
  const hasEnded = useRef(false);
  useEffect(() => {
    hasEnded.current = !isActive(build.status);
  }, [build.status]);
  const [session] = useState(
    () =>
      new LogSession({
        source: logSource(api, build.id),
        makeWorker,
        hasEnded: () => hasEnded.current,
        maxBytes: mostBytes(),
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
