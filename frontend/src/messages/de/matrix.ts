/** German words of `en/matrix`. */
import type { matrixWords as English } from "../en/matrix";

export const matrixWords: typeof English = {
  count: (count) =>
    count === 0
      ? "Keine Kombination der Matrix ist übrig."
      : count === 1
        ? "Startet einen Build der Matrix."
        : `Startet ${count} Builds, einen je Kombination der Matrix.`,
};
