/** Words of a person's own pages. */
import { area } from "../language";

export const account = area("account", {
  title: "My account",
  sections: { profile: "Profile", tokens: "API tokens", sessions: "Sessions", shortcuts: "Keyboard" },
  email: "E-mail",
  displayName: "Name",
  role: "Role",
  since: "Since",
  id: "Account id",
  address: {
    title: "E-mail address",
    placeholder:
      "This address stands for whoever is at the machine. Nobody can sign in with it from elsewhere.",
    help: "The one by which your identity provider or proxy knows you. Your sessions go on.",
    behindProxy:
      "Behind the trusted proxy the address can be changed on the daemon's machine only: sign in there at http://localhost.",
    save: "Save address",
    done: "Your address is changed.",
  },
  appearance: {
    title: "In this browser",
    rowsLabel: "Rows of lists and tables",
    rows: {
      comfortable: { label: "Comfortable" },
      compact: { label: "Compact", text: "More at a glance. Where fingers point, rows keep their height." },
    },
    timesLabel: "Times",
    times: { relative: "How long ago", absolute: "Date and time of day" },
    language: "Language",
    asBrowser: "As the browser",
  },
  fromProvider: "Name and e-mail address come from where you sign in.",
});
