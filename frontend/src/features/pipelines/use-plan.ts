/** The plan of what is edited: of the form's value, or of the text as it was when it last was valid. */
import { useEffect, useState } from "react";
import type { ExecutionConfig } from "@/api/types";
import type { Check } from "./live-check";
import { type Plan, planOf } from "./plan";
import { planOfText } from "./yaml-mode";

/** `isBehind`: the text has errors, and the plan is of what it said before. */
export type Planned = { plan: Plan; isBehind: boolean };

export function usePlan(config: ExecutionConfig, text: string | null, check: Check): Planned {
  const [read, setRead] = useState<Plan | null>(null);
  const isWrong = text !== null && check.isCurrent && check.data?.valid === false;
  const valid = check.isCurrent && check.data?.valid ? text : null;
  useEffect(() => {
    if (text === null) setRead(null);
    // One that can't be read is refused where it is saved or left.
    if (valid !== null) planOfText(valid).then(setRead, () => undefined);
  }, [text, valid]);
  return { plan: (text !== null && read) || planOf(config), isBehind: isWrong };
}
