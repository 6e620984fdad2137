/** What home shows of the things that come after the first green build. What can't be seen there is never taken as done. */
import type { Build, Home, RecentBuilds } from "@/api/types";
import type { Next } from "./next";

/** The newest build that passed, if there is any among what ended last. */
export const greenBuild = ({ recent }: Home): Build | undefined =>
  recent?.all.find(({ status }) => status === "succeeded");

export function seenIn({ active, recent }: Home): Next[] {
  const builds = [...(active ?? []).map(({ build }) => build), ...(recent?.all ?? [])];
  const seen: Next[] = [];
  if (builds.some(isFromPush)) seen.push("push");
  if (recent?.all.some((build) => isOfSomebodyElse(build, recent))) seen.push("team");
  return seen;
}

const isFromPush = ({ trigger_event }: Build): boolean =>
  trigger_event === "push" || trigger_event === "tag_push" || trigger_event === "pull_request";

/** Under the address of a new instance its owner is at work. */
const PLACEHOLDER = "owner@local";

function isOfSomebodyElse({ id, trigger_type, trigger_actor }: Build, { mine }: RecentBuilds): boolean {
  if (trigger_type !== "manual" || !trigger_actor || trigger_actor === PLACEHOLDER) return false;
  return !mine.some((own) => own.id === id);
}
