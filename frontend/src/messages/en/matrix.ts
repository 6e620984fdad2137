/** What the run dialog says about a matrix, loaded with it. */
import { area } from "../language";

export const matrixWords = area("matrixWords", {
  count: (count: number) =>
    count === 0
      ? "No combination of the matrix is left."
      : count === 1
        ? "Starts one build of the matrix."
        : `Starts ${count} builds, one for each combination of the matrix.`,
});
