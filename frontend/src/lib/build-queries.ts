/**
 * Reading one build; apart from `queries`, because signing in does without. Keys start with the noun, as lib/live/patch.ts
 * expects: build/<id>, log-index/<build>, failure/<build>, artifacts/<build>. It must not hold mutations.
 */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "./instances/runtime";

export const buildQuery = (rt: Runtime, id: string) =>
  queryOptions({
    queryKey: rt.key("build", id),
    queryFn: ({ signal }) => rt.api.get("/v1/builds/{build_id}", { path: { build_id: id }, signal }),
  });

export const artifactsQuery = (rt: Runtime, buildId: string) =>
  queryOptions({
    queryKey: rt.key("artifacts", buildId),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/builds/{build_id}/artifacts", { path: { build_id: buildId }, signal }),
  });

/** What a log holds. It grows with a build that runs, so it is asked for anew each time. */
export const logIndexQuery = (rt: Runtime, buildId: string, phase: "active" | "ended") =>
  queryOptions({
    queryKey: rt.key("log-index", buildId, phase),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/builds/{build_id}/logs/index", { path: { build_id: buildId }, signal }),
    staleTime: phase === "active" ? 0 : 60_000,
  });

export const failureQuery = (rt: Runtime, buildId: string) =>
  queryOptions({
    queryKey: rt.key("failure", buildId),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/builds/{build_id}/failure", { path: { build_id: buildId }, signal }),
    staleTime: 60_000,
  });
