/** Words of a person's own sessions. */
import { area } from "../language";

export const sessions = area("sessions", {
  title: "Sessions",
  text: "Where you are signed in. A session ends by itself after 24 hours.",
  list: "Your sessions",
  current: "This session",
  unknown: "Unknown program",
  on: (program: string, system: string) => `${program} on ${system}`,
  from: (address: string) => `from ${address}`,
  since: "Signed in",
  until: "ends",
  end: "End",
  endLabel: (name: string) => `End the session of ${name}`,
  ended: (name: string) => `The session of ${name} has ended`,
  endOthers: "End all others",
  othersTitle: "End all other sessions?",
  othersIntro: "Everywhere but here:",
  othersConsequences: ["You are signed out at once", "What was typed and not saved there is lost"],
  othersEnded: (count: number) =>
    count === 1 ? "One other session has ended" : `${count} other sessions have ended`,
  noOthers: "You are signed in nowhere else.",
});
