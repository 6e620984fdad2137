/** Words of what comes after the first green build, loaded with its card. */
import { area } from "../language";

export const next = area("next", {
  title: "What comes next",
  text: (done: number, all: number) =>
    done === 0 ? "Your build passed. Tick off what you have or don't need." : `${done} of ${all} done.`,
  items: {
    phone: {
      title: "Install it on a phone",
      text: "Open the release and show its code to the phone.",
      textLocal: "Phones must reach this instance: give it an address first.",
    },
    push: {
      title: "Build on every push",
      text: "See in the project's settings how pushes are heard of.",
    },
    team: {
      title: "Bring in teammates",
      text: "Invite them by e-mail and choose what they may do.",
      textLocal: "This instance is for its own machine: open it for others first.",
    },
    signing: {
      title: "Sign your builds",
      text: "Keep the keystore or certificate and its passwords as secret variables of the project.",
    },
  },
  done: (title: string) => `Done: ${title}`,
  putAway: "Put this away for good",
  away: "What comes next is put away for good",
});
