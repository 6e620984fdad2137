/** The server's plan of what is edited: of what it was when it last was valid. */
import { useState } from "react";
import type { PipelinePlan } from "@/api/types";
import type { Check } from "./live-check";

/** `isBehind`: what is edited has errors, and the plan is of what it was before. */
export type Planned = { plan: PipelinePlan | null; isBehind: boolean };

export function usePlan({ data }: Check): Planned {
  const [last, setLast] = useState<PipelinePlan | null>(null);
  const plan = data?.valid ? (data.plan ?? null) : last;
  if (plan !== last) setLast(plan);
  return { plan, isBehind: plan !== null && data?.valid === false };
}
