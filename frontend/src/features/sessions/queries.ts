/** Reading and ending a person's own sessions. */
import { queryOptions } from "@tanstack/react-query";
import type { Runtime } from "@/lib/instances/runtime";

export type SessionInfo = {
  id: string;
  created_at: number;
  expires_at: number;
  last_used_at?: number | null;
  source?: string | null;
  user_agent?: string | null;
  current: boolean;
};

const PATH = "/v1/users/me/sessions";

export const sessionsQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("sessions"),
    queryFn: async ({ signal }): Promise<{ sessions: SessionInfo[] }> =>
      (await rt.api.fetch(PATH, { signal })).json(),
    staleTime: 5_000,
  });

export async function endSession(rt: Runtime, id: string): Promise<void> {
  await rt.api.fetch(`${PATH}/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export async function endOtherSessions(rt: Runtime): Promise<number> {
  const answer: { ended: number } = await (await rt.api.fetch(PATH, { method: "DELETE" })).json();
  return answer.ended;
}
