/** The roles that a token may be offered: at most its maker's. The server decides; this only shortens the list. */
import type { UserRole } from "@/api/types";

const FROM_MOST_TO_LEAST: readonly UserRole[] = ["owner", "admin", "developer", "qa_viewer"];

export function rolesUpTo(own: UserRole): readonly UserRole[] {
  return FROM_MOST_TO_LEAST.slice(FROM_MOST_TO_LEAST.indexOf(own));
}
