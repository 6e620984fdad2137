/** Words of the sign-in pages. They import this file straight, so that the words travel with them; it holds words only. */
import { area } from "../language";

export const signIn = area("signIn", {
  title: "Sign in",
  to: (instance: string) => `Sign in to ${instance}`,
  checking: "Looking at the instance…",
  instance: "the instance",
  host: "Instance",
  others: "Other instances",
  failed: "Could not sign in",
  again: "Start again",
  notices: {
    expired: {
      title: "Your session has expired",
      text: "A session lasts 24 hours. Sign in again to go on where you were.",
    },
    ended: {
      title: "Your session is no longer valid",
      text: "It was ended, here or elsewhere, or the instance does not know it. Sign in again to go on.",
    },
    signed_out: { title: "You are signed out.", text: "" },
    signed_out_here: {
      title: "You are signed out in this browser",
      text: "The instance does not know. Your session there ends within 24 hours.",
    },
    set_up: {
      title: "This instance is set up",
      text: "Sign in. What the set-up decided can be changed in the settings.",
    },
  },
  local: {
    working: "Signing in on this machine…",
    text: "This instance is in local mode: whoever sits at this machine is signed in, without a password.",
    button: "Sign in on this machine",
    email: "E-mail",
    emailHelp: "Several people have an account here. Say who you are.",
    fromElsewhere: "On the instance's own machine, open this address:",
    toSetUp: "Set the instance up",
    atTheMachine: "The provider is out of reach? At the instance's own machine nobody needs it.",
    atTheMachineProxy: "The proxy is out of reach? At the instance's own machine nobody needs it.",
  },
  oidc: {
    text: "People sign in to this instance through its identity provider. You will be sent there and back.",
    button: "Continue to the identity provider",
    leaving: "Going to the identity provider…",
  },
  proxy: {
    text: "People sign in to this instance through its access proxy, which tells the instance who you are.",
    button: "Sign in through the proxy",
  },
  recovery: {
    working: "Signing in with the recovery link…",
    failed: "The recovery link was refused",
  },
  callback: {
    title: "Signing you in",
    failedTitle: "Sign-in failed",
    working: "Checking with the identity provider…",
    workingSetup: "Checking who you are…",
    backToSetup: "Back to the set-up",
  },
});
