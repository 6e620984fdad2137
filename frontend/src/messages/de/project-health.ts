/** German words of `en/project-health`. */
import type { healthWords as English } from "../en/project-health";

export const healthWords: typeof English = {
  none: "Auf seinem Branch wurde noch nichts gebaut.",
  bars: (branch, passed, failed, other) =>
    `Letzte Builds auf ${branch}: ${passed} erfolgreich, ${failed} fehlgeschlagen, ${other} abgebrochen`,
  passed: (rate) => `${rate} % erfolgreich`,
  usual: (time) => `meist ${time}`,
  failed: "Wie es den Projekten geht, ließ sich nicht lesen.",
};
