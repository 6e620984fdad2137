/** Words of connecting a code host. */
import { area } from "../language";

export const connect = area("connect", {
  which: "Which code host?",
  options: {
    github: { label: "GitHub", text: "github.com or GitHub Enterprise, by an app of your own." },
    gitlab: { label: "GitLab", text: "gitlab.com or your own, by a token or an OAuth application." },
  },
  github: {
    what: "What happens",
    steps: [
      "GitHub asks you for the name of a new app. It belongs to you, not to us.",
      "You choose the repositories that it may read.",
      "You come back here, and they are listed.",
    ],
    where: "Where are your repositories?",
    places: {
      public: { label: "github.com" },
      enterprise: { label: "GitHub Enterprise Server", text: "On a server of your own." },
    },
    host: "Address of GitHub Enterprise",
    hostHelp: "Scheme and host only, such as https://github.example.com.",
    organization: "Organization",
    organizationHelp: "Whose app it is to be. Left empty, it is yours.",
    webhook: "Webhook address",
    webhookHelp:
      "Where GitHub sends pushes and pull requests. GitHub must be able to reach it: an address such as localhost won't do.",
    submit: "Go on to GitHub",
    minutes: "You have ten minutes to come back. If it takes longer, start here again.",
    leftTitle: "You went to GitHub and did not come back yet",
    leftText:
      "If GitHub made the app, its source is in the list and goes on from there. Else start again; an app that was left behind can be deleted in GitHub's settings.",
    toList: "Show sources",
  },
  gitlab: {
    host: "Address of GitLab",
    hostHelp: "https://gitlab.com or your own server; it may have a path.",
    how: "How is this instance to sign in?",
    ways: {
      personal_token: {
        label: "Access token",
        text: "Quick. A token of a person, a group or a project, which ends some day and is replaced here.",
      },
      oauth_app: {
        label: "OAuth application",
        text: "Renews itself. You register an application at GitLab once.",
      },
    },
    token: "Access token",
    tokenHelp:
      "Make it at GitLab under Access tokens, with read_api to list projects and read_repository to clone them. To show results at commits it needs api instead of read_api.",
    register: "Register the application at GitLab with these",
    registerWhere: "At GitLab: Edit profile, Applications; or for everybody: Admin, Applications.",
    redirect: "Redirect URI",
    scopes: "Scopes",
    confidential: "Leave “Confidential” ticked.",
    clientId: "Application ID",
    clientSecret: "Secret",
    secretNote: "It is stored sealed and never shown again.",
    submit: "Connect GitLab",
    toGitlab: "Go on to GitLab",
  },
});
