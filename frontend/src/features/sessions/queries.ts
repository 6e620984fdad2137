/** Reading and ending a person's own sessions. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";

export const sessionsQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("sessions"),
    queryFn: ({ signal }) => rt.api.get("/v1/users/me/sessions", { signal }),
    staleTime: 5_000,
  });

export async function endSession(rt: Runtime, id: string): Promise<void> {
  await rt.api.delete("/v1/users/me/sessions/{session_id}", { path: { session_id: id } });
}

export async function endOtherSessions(rt: Runtime): Promise<number> {
  return (await rt.api.delete("/v1/users/me/sessions")).ended;
}
