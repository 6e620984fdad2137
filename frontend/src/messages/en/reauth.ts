/** Words of the question that a session which ended asks; they come with its dialog. */
import { area } from "../language";

export const reauth = area("reauth", {
  titles: { expired: "Your session has expired", ended: "Your session is no longer valid" },
  texts: {
    expired: "A session lasts 24 hours.",
    ended: "It was ended, here or elsewhere, or the instance does not know it.",
  },
  here: "Sign in again to go on. What you typed is still here, and the last action will be repeated.",
  besides:
    "Sign in again with the identity provider, in a window of its own. What you typed is still here, and the last action will be repeated.",
  window: {
    open: "Go on in the window of the identity provider.",
    blocked: "The browser let no window open",
    closed: "Nobody has signed in yet",
    closedText:
      "If the window is still open, go on there. Whoever signs in as somebody else can't go on with this page.",
    instead: "Without a window this page is left for a while: what is typed here and not saved may be lost.",
    leavePage: "Leave this page",
    done: "You are signed in",
    doneText: "This window can be closed: your page goes on.",
    toHome: "To the home page",
  },
  again: "Sign in again",
  failed: "Could not sign in",
  leave: "Sign out",
});
