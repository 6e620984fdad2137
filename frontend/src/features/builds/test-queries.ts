/** What only the view of tests reads. Keys start with the noun, as lib/live/patch.ts expects: tests/<build>. */
import { queryOptions } from "@tanstack/react-query";
import type { operations } from "@/api/schema.gen";
import type { Runtime } from "@/lib/instances/runtime";

type FindingsQuery = NonNullable<operations["list_build_test_findings"]["parameters"]["query"]>;
type CasesQuery = NonNullable<operations["list_build_test_cases"]["parameters"]["query"]>;

/** What the tests of a build found; there is something when its steps are over. */
export const testsQuery = (rt: Runtime, buildId: string) =>
  queryOptions({
    queryKey: rt.key("tests", buildId),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/builds/{build_id}/tests", { path: { build_id: buildId }, signal }),
  });

export const findingsQuery = (rt: Runtime, buildId: string, query: FindingsQuery) =>
  queryOptions({
    queryKey: rt.key("tests", buildId, "findings", query),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/builds/{build_id}/tests/findings", { path: { build_id: buildId }, query, signal }),
  });

export const testCasesQuery = (rt: Runtime, buildId: string, query: CasesQuery) =>
  queryOptions({
    queryKey: rt.key("tests", buildId, query),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/builds/{build_id}/tests/cases", { path: { build_id: buildId }, query, signal }),
  });
