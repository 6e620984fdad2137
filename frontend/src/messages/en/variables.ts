/** Words of variables and secrets. */
import { area } from "../language";

export const variables = area("variables", {
  title: "Variables and secrets",
  name: "variables",
  add: "Add variable",
  ofProject:
    "Every pipeline of this project gets them as environment variables. A pipeline's own of the same name wins.",
  ofPipeline: "Builds of this pipeline get them besides those of the project. Here the same name wins.",
  readOnly: "Maintainers of the project change them.",
  emptyTitle: "No variables yet",
  emptyText:
    "Keep API keys and other secrets here instead of in the repository. Logs show *** in their place.",
  kinds: { plain: "Variable", secret: "Secret", file: "Secret file" },
  kindTexts: {
    plain: "Can be read again, is shown in logs and reaches Dart code through .env.",
    secret: "Is never shown again and is masked in logs.",
    file: "Like a secret; steps find the path of a private file with this content in the variable.",
  },
  stored: "Stored",
  changed: "changed",
  by: (who: string) => `by ${who}`,
  replace: "Replace",
  replaceLabel: (name: string) => `Replace ${name}`,
  deleteLabel: (name: string) => `Delete ${name}`,
  form: {
    addTitle: "Add a variable",
    replaceTitle: (name: string) => `Replace ${name}`,
    name: "Name",
    nameHelp: "Letters, digits and underscores, for example API_KEY.",
    kind: "Kind",
    value: "Value",
    content: "Content",
    writeOnly: "It cannot be read back later; to change it, enter it again.",
    save: "Save",
    saved: (name: string) => `${name} is saved; the next build has it`,
    taken: "There is one of this name already; replace that one.",
  },
  remove: {
    title: (name: string) => `Delete ${name}?`,
    intro: "From the next build on:",
    consequences: ["Steps that need it fail or do something else", "The value cannot be brought back"],
    done: (name: string) => `${name} is deleted`,
  },
});
