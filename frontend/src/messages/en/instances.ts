/** Words about the list of instances. The pages import this file straight, so that the words travel with them; words only. */
import { area } from "../language";

export const instances = area("instances", {
  title: "Instances",
  intro:
    "Each instance is a daemon of its own. This browser keeps their names and addresses; sessions stay apart.",
  list: "Known instances",
  open: (label: string) => `Open ${label}`,
  openShort: "Open",
  actions: (label: string) => `Actions for ${label}`,
  own: "This page’s own instance",
  keys: (digit: number, isMac: boolean) => (isMac ? `⌘${digit}` : `Ctrl ${digit}`),
  lastUsed: "Last used",
  neverUsed: "Never opened here",
  health: {
    checking: "Checking…",
    ready: "Reachable",
    not_set_up: "Not set up yet",
    signs_in_first: "Asks to sign in first",
    refuses_page: "Does not allow this page",
    not_oore: "Not an Oore CI instance",
    unreachable: "Unreachable",
    slow: "Does not answer",
    browser_blocks: "Blocked by the browser",
  },
  session: { signedIn: "Signed in", expired: "Session expired", none: "Not signed in" },
  emptyTitle: "No instance yet",
  emptyText:
    "Enter the address of your daemon below. It stays in this browser; this page has no server that would learn of it.",
  add: {
    title: "Add an instance",
    address: "Address",
    addressHelp: "As you open it in a browser, such as https://ci.example.com or http://localhost:8787.",
    label: "Name",
    labelHelp: "How it is called here. Left empty, it is called after its host.",
    submit: "Check and add",
    checking: "Asking the address who it is…",
    done: (label: string) => `${label} was added.`,
    anyway: "Add all the same",
  },
  problems: {
    empty: "Enter an address.",
    no_address: "This is not an address. It looks like https://ci.example.com.",
    scheme: "Only https:// and http:// lead to an instance.",
    credentials: "Leave user name and password out of the address. You sign in after adding it.",
    extra: "Enter the address without what follows ? or #.",
    mixed_content:
      "This page came over https, and a browser lets such a page talk to https addresses only (mixed content). Give the instance an https address, or open its own page at the address itself.",
    plain_http:
      "Without https only this machine can be reached: http://localhost and http://127.0.0.1. Give the instance an https address, or open its own page at the address itself.",
  },
  findings: {
    not_oore: {
      title: "No Oore CI is at this address",
      text: "Something answered, but not as an instance does. Look for a missing port or a wrong host; the address has no path behind it.",
    },
    refuses_page: {
      title: "The instance does not allow this page to call it",
      text: "Something answers there, but the browser may not read it. On the instance, list this page’s origin under Settings → Access, or in OORE_CORS_ORIGINS, exactly so:",
      also: "Is an access proxy in front of it? Then open the address once, sign in to the proxy, and try again.",
    },
    signs_in_first: {
      title: "Something in front of the instance asks to sign in",
      text: "Open the address in a new tab, sign in there, come back and try again.",
    },
    unreachable: {
      title: "Nothing answers at this address",
      text: "Check that the daemon runs, that host and port are right, and that your network leads there. A certificate that the browser does not trust looks the same: open the address to see.",
    },
    slow: {
      title: "No answer within 3 seconds",
      text: "The host may be down, behind a firewall, or only reachable by VPN.",
    },
    browser_blocks: {
      title: "The browser keeps this page from the local network",
      text: "Allow “Local network access” for this page in the site settings of the browser, beside the address bar, and try again.",
    },
  },
  visit: "Open the address",
  twice: {
    title: (label: string) => `${label} is in the list already`,
    text: "The same address is there under that name.",
    otherTitle: (label: string) => `This is ${label} under another address`,
    otherText: (url: string) =>
      `The same daemon is in the list at ${url}. A second entry would have a session of its own.`,
  },
  linked: {
    title: "Add the instance of this link?",
    text: "The link is about an instance that this browser does not know. Nothing has been sent to it. Go on only if you know this address:",
    dismiss: "Don’t add it",
    submit: "Check and add",
  },
  rename: { entry: "Rename…", title: (label: string) => `Rename ${label}`, label: "Name", submit: "Rename" },
  up: (label: string) => `Move ${label} up`,
  down: (label: string) => `Move ${label} down`,
  moved: (label: string, place: number, total: number) => `${label} is number ${place} of ${total} now.`,
  signOut: "Sign out",
  signedOut: (label: string) => `You are signed out of ${label}.`,
  remove: {
    entry: "Remove…",
    title: (label: string) => `Remove ${label}?`,
    intro: "This browser forgets the instance:",
    consequences: (url: string, signedIn: boolean) => [
      `its name and its address ${url}`,
      ...(signedIn ? ["your session there, which is ended"] : []),
      "what was loaded from it and what you typed for it in this tab",
    ],
    keeps: "The instance itself, its builds and your account stay as they are.",
    submit: "Remove",
    done: (label: string) => `${label} was removed from this browser.`,
  },
  file: {
    title: "Take the list elsewhere",
    text: "Names and addresses as a file, without sessions. What is in the list already stays as it is.",
    export: "Export",
    import: "Import…",
    pick: "File with a list of instances",
    name: "oore-instances.json",
    invalid: "This file is not a list of instances that was exported here.",
    done: (added: number, known: number) =>
      [
        added === 1 ? "1 instance was added." : `${added} instances were added.`,
        known > 0 && (known === 1 ? "1 was in the list already." : `${known} were in the list already.`),
      ]
        .filter(Boolean)
        .join(" "),
    refused: (url: string, why: string) => `${url}: ${why}`,
  },
  switcher: {
    title: "Instances",
    manage: "Manage instances",
  },
});
