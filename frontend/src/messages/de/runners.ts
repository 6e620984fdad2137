/** German words of `en/runners`. */
import type { runners as English } from "../en/runners";

export const runners: typeof English = {
  status: { online: "Online", offline: "Offline", busy: "Beschäftigt", draining: "Läuft aus" },
};
