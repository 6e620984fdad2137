/** Words of runners that every page carries. Those of the pages of runners are in `runner-pages`. */
export const runners = {
  status: { online: "Online", offline: "Offline", busy: "Busy", draining: "Draining" },
};
