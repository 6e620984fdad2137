/** What only the runner pages read. */

import type { Runtime } from "@/lib/instances/runtime";
import { buildsQuery } from "@/lib/queries";

/** The newest builds that were handed to a runner, the present one first. */
export const runnerBuildsQuery = (rt: Runtime, runnerId: string) =>
  buildsQuery(rt, { runner_id: runnerId, limit: 10 });
