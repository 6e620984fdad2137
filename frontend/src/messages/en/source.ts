/** Words of one source: whether it works, its accounts and repositories. */
import { area } from "../language";

export const source = area("source", {
  doneTitle: (name: string) => `${name} is connected`,
  doneText: (count: string, one: boolean) =>
    one ? "One repository can be built." : `${count} repositories can be built.`,
  doneNothing:
    "It shows no repository yet. Give it access to some at the code host, then read the repositories again.",
  newProject: "New project",
  disconnect: "Disconnect",
  facts: {
    title: "About",
    provider: "Kind",
    address: "Address",
    proof: "Signs in with",
    proofs: {
      github_app: "GitHub App",
      oauth_app: "OAuth application",
      personal_token: "Access token",
      local_path: "Nothing: it is a folder",
    },
    status: "State",
    connected: "Connected",
    synced: "Repositories read",
    never: "Never",
    webhook: "Last webhook",
    noWebhook: "None has arrived yet",
    deliveries: "All deliveries",
    reports: "Results to report",
    reportCounts: (waiting: string, failed: string) => `${waiting} waiting, ${failed} given up`,
  },
  sync: {
    submit: "Read repositories",
    done: (accounts: string, one: boolean) =>
      one ? "Read the repositories of one account" : `Read the repositories of ${accounts} accounts`,
  },
  accounts: {
    title: "Accounts",
    none: "It sees no account yet.",
    add: "Change access at GitHub",
    types: { user: "Person", organization: "Organization", group: "Group" } as Record<string, string>,
  },
  repositories: {
    title: "Repositories",
    name: "repositories",
    search: "Search repositories",
    placeholder: "Owner or name",
    none: "No repository is known yet",
    noneText: "Read the repositories after you have given access to some at the code host.",
    private: "Private",
    public: "Public",
    build: "New project",
    buildOf: (name: string) => `New project from ${name}`,
    webhook: "Webhook",
    webhookOf: (name: string) => `Webhook of ${name}`,
  },
});
