/** Which rows of a list are ticked. Another page of the list starts with none. */
import { useState } from "react";
import type { Build } from "@/api/types";

export interface Selection {
  readonly builds: readonly Build[];
  readonly has: (build: Build) => boolean;
  readonly toggle: (build: Build) => void;
  readonly set: (builds: readonly Build[]) => void;
  /** Lets go of these, whatever has been ticked meanwhile, on another page too. */
  readonly drop: (builds: readonly Build[]) => void;
}

export function useSelection(shown: readonly Build[], page: string): Selection {
  const [ticked, setTicked] = useState<{ page: string; ids: ReadonlySet<string> }>({ page, ids: new Set() });
  const ids = ticked.page === page ? ticked.ids : new Set<string>();
  const has = ({ id }: Build) => ids.has(id);
  return {
    builds: shown.filter(has),
    has,
    toggle({ id }) {
      const next = new Set(ids);
      if (!next.delete(id)) next.add(id);
      setTicked({ page, ids: next });
    },
    drop(builds) {
      const gone = new Set(builds.map(({ id }) => id));
      setTicked((now) =>
        now.page === page ? { page, ids: new Set([...now.ids].filter((id) => !gone.has(id))) } : now,
      );
    },
    set: (builds) => setTicked({ page, ids: new Set(builds.map(({ id }) => id)) }),
  };
}
