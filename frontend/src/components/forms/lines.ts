/** A text of lines as a list. */

/** The lines that hold something, without the space around them. */
export const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
