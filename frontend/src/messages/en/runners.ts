/** Words of runners that every page carries. Those of the pages of runners are in `runner-pages`. */
import { area } from "../language";

export const runners = area("runners", {
  status: { online: "Online", offline: "Offline", busy: "Busy", draining: "Draining" },
});
