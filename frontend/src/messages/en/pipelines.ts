/** Words of pipelines that several pages use. Those of their own pages are in `pipeline-form` and `pipeline-detail`. */
import { area } from "../language";

export const pipelines = area("pipelines", {
  title: "Pipelines",
  one: "pipeline",
  add: "New pipeline",
  newTitle: "New pipeline",
  editTitle: (name: string) => `Edit ${name}`,
  edit: "Edit",
  run: "Run build",
  platform: { android: "Android", ios: "iOS", macos: "macOS" },
  disabledText: "A disabled pipeline starts no builds.",
  flutterAuto: "From .fvmrc, or the newest stable",
});
