/** Words of deleting an artifact, loaded with the dialog. */
import { area } from "../language";

export const artifactDeletion = area("artifactDeletion", {
  title: (name: string) => `Delete ${name}?`,
  intro: "It can't be undone. The build, its log and its other artifacts stay. What goes:",
  file: (size: string | null) => (size ? `The stored file: ${size}` : "The stored file"),
  links: "Every link to it: they stop working at once",
  type: (name: string) => `Type ${name} to confirm`,
  confirm: "Delete the artifact",
  done: (name: string) => `${name} is deleted`,
  gone: (name: string) => `${name} was gone already`,
});
