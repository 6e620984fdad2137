/** Words of the question before people sign in another way. */
import { area } from "../language";

export const accessSwitch = area("accessSwitch", {
  dialog: (way: string) => `Switch to “${way}”?`,
  happens: "This happens:",
  all: "All sessions end at once, yours too",
  again: {
    local: "People sign in on this machine only",
    oidc: "People sign in again, with the identity provider",
    trusted_proxy: "People sign in again, through the proxy",
  },
  tokens: "API tokens keep working",
  recovery: "If nobody can sign in afterwards",
  recoveryText: "On the machine that runs Oore CI, this lets you in again:",
  command: "oore recovery",
  typed: (word: string) => `Type ${word} to confirm`,
  wrong: (word: string) => `This is not ${word}. Capital letters count.`,
  submit: "Switch and end all sessions",
});
