/** Words of the daemon's messages once they are opened. */
import { area, locale } from "../language";

export const daemonMessages = area("daemonMessages", {
  list: "Messages of the daemon",
  name: "messages",
  refresh: "Refresh",
  copy: "Copy as text",
  level: "Level",
  levels: { all: "All", warn: "Warnings and errors", error: "Errors only" },
  levelNames: { error: "Error", warn: "Warning", info: "Info" },
  q: "Text",
  placeholder: "Message, field, request ID",
  when: "When",
  copyField: (name: string) => `Copy ${name}`,
  empty: "Nothing yet",
  emptyText: "The daemon has said nothing since its start.",
  newest: (count: number) => `These are the newest ${count.toLocaleString(locale)}.`,
  older: "Show older ones too",
});
