/** Reading how the daemon's update stands, and whether it is able to work. Neither is told by the event stream. */
import { queryOptions } from "@tanstack/react-query";
import { ApiError, toApiError } from "@/api/errors";
import type { Readiness, RuntimeUpdateStatus } from "@/api/types";
import type { Runtime } from "@/lib/instances/runtime";

const UPDATE_EVERY_MS = 2_000;
const RETRY_MS = 10_000;

export const isUnderWay = ({ phase }: RuntimeUpdateStatus) => phase === "updating" || phase === "restarting";

const updateKey = (rt: Runtime) => rt.key("system", "update");

export const updateQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: updateKey(rt),
    queryFn: ({ signal }) =>
      rt.api.get("/v1/system/update", { signal }).catch((cause) => duringRestart(rt, cause)),
    staleTime: 0,
    refetchInterval: ({ state: { data, error } }) => {
      if (data && isUnderWay(data)) return UPDATE_EVERY_MS;
      return error && toApiError(error).transient ? RETRY_MS : false;
    },
  });

/** While an update is under way, silence is the daemon's restart and no error. */
function duringRestart(rt: Runtime, cause: unknown): RuntimeUpdateStatus {
  const known = rt.queryClient.getQueryData<RuntimeUpdateStatus>(updateKey(rt));
  if (!known || !isUnderWay(known) || !toApiError(cause).transient) throw cause;
  return { ...known, phase: "restarting" };
}

export const readinessQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("system", "readiness"),
    queryFn: ({ signal }) => readiness(rt.instance.url, signal),
    staleTime: 0,
  });

/** Not by the API client, for which 503 is an error: here it is an answer. It needs no session. */
async function readiness(url: string, signal: AbortSignal): Promise<Readiness> {
  const response = await fetch(`${url}/readyz`, { credentials: "include", cache: "no-store", signal });
  const body: Partial<Readiness> | null = await response.json().catch(() => null);
  if (Array.isArray(body?.checks)) return body as Readiness;
  // A proxy in front of the daemon answers 503 too, with something else.
  throw new ApiError({ status: 502, code: "malformed_response", message: `HTTP ${response.status}` });
}
