/** Ways to places of a log, also to those of a part that is not held: it is fetched first. Must not decide when to go there. */
import { useMemo } from "react";
import type { LogPane } from "@/lib/log/pane";
import type { WantedPart } from "@/lib/log/part";
import type { BuildLog } from "./use-build-log";

/** Errors of all: what the server or the network says. */
export interface Reach {
  /** Over the whole log, from 0. Its step is unfolded. */
  line(line: number): Promise<void>;
  step(index: number): Promise<void>;
  /** The part before the one that is shown, and the one after it. */
  earlier(): Promise<void>;
  later(): Promise<void>;
  end(): Promise<void>;
}

export function useReach({ session }: BuildLog, pane: LogPane | null): Reach {
  return useMemo(() => {
    const show = async (wanted: WantedPart) => {
      await session.show(wanted);
      pane?.attach(session.worker);
    };
    /** `before`: how much of a part that has to be fetched comes before the line. */
    const line = async (line: number, before: number) => {
      if (!session.holds(line)) await show({ line, before });
      const step = session.get().state.steps.findLast(({ firstLine }) => firstLine <= line);
      if (step?.folded) session.worker?.send({ kind: "fold", step: step.index, state: "open" });
      await pane?.revealLine(line);
    };
    return {
      line: (number) => line(number, 0.5),
      async step(index) {
        const step = session.get().state.steps[index];
        if (step?.away) await show({ line: step.firstLine, before: 0.25 });
        await pane?.revealStep(index);
      },
      async earlier() {
        const { first } = session.get().state;
        await show({ line: first, before: 0.75 });
        await pane?.revealLine(first);
      },
      later: () => line(session.get().state.lines, 0.25),
      async end() {
        if (session.get().state.until !== null) await show("end");
        pane?.follow("following");
      },
    };
  }, [session, pane]);
}
