/** Words of what is asked about a source: a new token, the secret of a webhook, disconnecting. */
import { area } from "../language";

export const sourceDialogs = area("sourceDialogs", {
  disconnect: {
    title: (name: string) => `Disconnect ${name}?`,
    intro: "What goes with it:",
    consequences: (repositories: string, one: boolean) => [
      one ? "Its repository is forgotten" : `Its ${repositories} repositories are forgotten`,
      "Projects built from it keep their builds, but have no repository any more",
      "Their waiting builds are canceled",
    ],
    atHost: {
      github: [
        "Webhooks from it are refused",
        "The app stays at GitHub: delete it there, in the settings of its owner",
      ],
      gitlab: ["Webhooks from it are refused", "Token and application stay at GitLab: revoke them there"],
      local_git: ["The folder itself is not touched"],
    },
    submit: "Disconnect",
    done: (name: string) => `${name} is disconnected`,
    running: "Nothing was changed.",
  },
  token: {
    title: "Replace the access token",
    text: "The new token must belong to the same account. The old one is forgotten at once.",
    label: "Access token",
    help: "Made at GitLab under Access tokens, with read_api and read_repository; with api instead of read_api it also shows results at commits.",
    submit: "Replace token",
    done: "The token is replaced and works.",
  },
  hook: {
    title: (name: string) => `Webhook of ${name}`,
    text: "GitLab tells this instance of pushes and merge requests by a webhook. It needs a secret, which is shown once.",
    warning:
      "If the repository has a webhook already, its secret ends at once: put the new one in at GitLab right away.",
    make: "Make a new secret",
    once: "Copy the secret now. It is not shown again.",
    where: "At GitLab: the project, Settings, Webhooks, Add new webhook.",
    url: "URL",
    secret: "Secret token",
    tick: "Tick these triggers",
    triggers: ["Push events", "Tag push events", "Merge request events"],
    ssl: "Leave SSL verification on if this instance has an https address.",
    open: "Open the page at GitLab",
    done: "I have put it in",
  },
});
