/** Words of how projects go on their default branches, loaded with what shows that. */
import { area } from "../language";

export const healthWords = area("healthWords", {
  none: "Nothing was built on its branch yet.",
  bars: (branch: string, passed: number, failed: number, other: number) =>
    `Last builds on ${branch}: ${passed} passed, ${failed} failed, ${other} canceled`,
  passed: (rate: string) => `${rate} % passed`,
  usual: (time: string) => `usually ${time}`,
  failed: "How the projects go could not be read.",
});
