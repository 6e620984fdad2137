/**
 * React's hold on one build's log session: made when the page opens, ended when it is left. The page must be keyed by the
 * build's id, a session never changes its build.
 */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Build } from "@/api/types";
import { isActive } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import type { WorkerLike } from "@/lib/log/client";
import { LogSession, type LogSnapshot } from "@/lib/log/session";
import { startWorker } from "@/lib/workers";
import { logSource } from "./source";

export interface BuildLog {
  readonly session: LogSession;
  readonly snapshot: LogSnapshot;
}

const makeWorker = (): WorkerLike => startWorker("log") as WorkerLike;

export function useBuildLog(build: Build): BuildLog {
  const { api } = useRuntime();
  const hasEnded = useRef(false);
  useEffect(() => {
    hasEnded.current = !isActive(build.status);
  }, [build.status]);
  const [session] = useState(
    () => new LogSession({ source: logSource(api, build.id), makeWorker, hasEnded: () => hasEnded.current }),
  );
  const snapshot = useSyncExternalStore(session.subscribe, session.get);
  useEffect(() => {
    session.start();
    return () => session.stop();
  }, [session]);
  return { session, snapshot };
}
