/** The search parameters of the build page. Defaults are left out of the URL. */
import { offsetOf, oneOf, textOf } from "@/lib/search";

export const VIEWS = ["summary", "log", "timeline", "tests", "artifacts", "config"] as const;
export type BuildView = (typeof VIEWS)[number];
/** Which tests the view of tests lists; the wire tells failures and errors apart. */
export const TEST_OUTCOMES = ["failed", "passed", "skipped"] as const;

/** `outcome`, `q` and `offset` are those of the list of tests; `findings` is the offset of the other list in that view. */
export type BuildSearch = {
  view?: BuildView;
  step?: string;
  outcome?: (typeof TEST_OUTCOMES)[number];
  q?: string;
  offset?: number;
  findings?: number;
};
export type OnBuildSearch = (search: BuildSearch, history: "push" | "replace") => void;

export function parseBuildSearch(search: Record<string, unknown>): BuildSearch {
  // What was a view of its own stands under the timeline; its links go on to work.
  const view = search.view === "history" ? "timeline" : oneOf(search.view, VIEWS);
  const parsed: BuildSearch = {
    view,
    step: textOf(search.step),
    ...(view === "tests" && {
      outcome: oneOf(search.outcome, TEST_OUTCOMES),
      q: textOf(search.q),
      ...offsetOf(search),
      findings: offsetOf({ offset: search.findings }).offset,
    }),
  };
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));
}
