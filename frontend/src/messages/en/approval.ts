/** Words of letting a commit of a fork be built. */
import { area } from "../language";

export const approval = area("approval", {
  approve: "Approve",
  approveFor: (pipeline: string) => `Approve ${pipeline}`,
  title: (pipeline: string) => `Build this commit with ${pipeline}?`,
  commit: (sha: string, sender: string) =>
    sender
      ? `Commit ${sha}, of ${sender}. Read its changes first.`
      : `Commit ${sha}. Read its changes first.`,
  cannot: "The build gets none of these",
  cannotLines: [
    "Secrets and variables of the project and the pipeline",
    "Signing keys and certificates",
    "A credential for any other repository",
    "A way to leave something in caches for later builds",
  ],
  can: "Its commands can",
  canLines: [
    "Read this repository, and the caches of earlier builds",
    "Use the network of the runner",
    "Read and change what the user that the runner runs as can",
  ],
  once: "Only this commit is approved. A newer one has to be approved again.",
  confirm: "Approve and build",
  approved: (pipeline: string) => `Approved: ${pipeline} builds the commit.`,
});
