/**
 * Keeps a list still under the reader's eyes: while they have scrolled, rows already shown are updated in place and new
 * ones wait to be asked for. It must not fetch.
 */
import { useEffect, useState } from "react";
import type { Build } from "@/api/types";

const SCROLLED_PX = 160;

export interface HeldRows {
  readonly shown: readonly Build[];
  /** How many builds are waiting above. */
  readonly fresh: number;
  readonly release: () => void;
}

/** What to show: the held rows, each in its newest known form, and how many rows are held back. */
export function holdRows(
  held: readonly Build[],
  incoming: readonly Build[],
): { shown: readonly Build[]; fresh: number } {
  const newest = new Map(incoming.map((build) => [build.id, build]));
  const known = new Set(held.map((build) => build.id));
  return {
    shown: held.map((build) => newest.get(build.id) ?? build),
    fresh: incoming.filter((build) => !known.has(build.id)).length,
  };
}

/** `page` names the list; another page is always shown at once. While rows are ticked the list is held wherever it is. */
export function useHeldRows(builds: readonly Build[], page: string, hold: "always" | "scrolled"): HeldRows {
  const [held, setHeld] = useState({ page, builds });
  const isSamePage = held.page === page;
  const { shown, fresh } = holdRows(held.builds, builds);
  useEffect(() => {
    const adopt = () => setHeld({ page, builds });
    const isFree = () => hold === "scrolled" && window.scrollY < SCROLLED_PX;
    if (!isSamePage || isFree()) adopt();
    const onScroll = () => isFree() && adopt();
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => window.removeEventListener("scroll", onScroll);
  }, [builds, page, isSamePage, hold]);
  if (!isSamePage) return { shown: builds, fresh: 0, release: () => setHeld({ page, builds }) };
  return {
    shown,
    fresh,
    release: () => {
      setHeld({ page, builds });
      window.scrollTo({ top: 0 });
    },
  };
}
