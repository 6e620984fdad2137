/** The roles that can be given to a person. There is one owner, who stays it. */
import type { UserRole } from "@/api/types";

export const GIVEN_ROLES = ["admin", "developer", "qa_viewer"] as const satisfies readonly UserRole[];
export type GivenRole = (typeof GIVEN_ROLES)[number];
