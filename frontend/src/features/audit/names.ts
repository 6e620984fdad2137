/** Names of acts and of what they were done to; one without words keeps its name on the wire. */
import { audit as words } from "@/messages/en/audit";
import { spoken } from "./details";

export const actName = (action: string): string => words.acts[action] ?? spoken(action);
export const resourceName = (resource: string): string => words.resources[resource] ?? spoken(resource);

/** The known names with the one in use, which a newer daemon may have recorded. */
export function choices(known: Record<string, string>, chosen: string | undefined): string[] {
  const names = Object.keys(known);
  return chosen && !names.includes(chosen) ? [...names, chosen] : names;
}
