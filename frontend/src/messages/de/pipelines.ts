/** German words of `en/pipelines`. */
import type { pipelines as English } from "../en/pipelines";

export const pipelines: typeof English = {
  title: "Pipelines",
  one: "Pipeline",
  add: "Neue Pipeline",
  newTitle: "Neue Pipeline",
  editTitle: (name) => `${name} bearbeiten`,
  edit: "Bearbeiten",
  run: "Build starten",
  platform: { android: "Android", ios: "iOS", macos: "macOS" },
  disabledText: "Eine abgeschaltete Pipeline startet keine Builds.",
  flutterAuto: "Aus .fvmrc, sonst die neueste stabile",
};
