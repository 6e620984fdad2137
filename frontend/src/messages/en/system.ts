/** Words of the page about the daemon itself: its version, its health, and the support bundle. */
import { area } from "../language";

export const system = area("system", {
  title: "System",
  name: "system",
  ownersOnly: "Only the owner updates the daemon and downloads a support bundle.",
  update: {
    title: "Version and update",
    name: "update",
    version: "Version",
    service: "Service manager",
    managed: "Starts the daemon again when it ends",
    unmanaged: "None",
    text: "Fetches the newest release, checks its signature and tries it on a copy of the database before it takes its place.",
    byCommand:
      "It can't be updated from here, because nothing would start it again. Run this on its machine, then restart it:",
    begin: "Update to the newest version",
    ask: "Update the daemon?",
    askIntro: "If there is a newer version:",
    consequences: [
      "The daemon restarts; pages lose the connection for a moment.",
      "Builds that are running go on.",
      "If the new version does not come up, this one comes back.",
    ],
    confirm: "Update",
    updating: "Updating…",
    updatingText: "The newest version is fetched, checked and tried. The daemon goes on meanwhile.",
    restarting: "Restarting…",
    restartingText: "The daemon does not answer for a moment. This page goes on by itself.",
    silent: "If it is not back after some minutes, see what is wrong on its machine:",
    failed: (version: string) => `The last update failed; version ${version} runs on`,
    noReason: "The updater gave no reason. See update.log in the data folder.",
    newest: (version: string) => `Version ${version} is the newest.`,
    done: (before: string, now: string) => `Updated from ${before} to ${now}.`,
    doneText: "Reload the page, so that it is of the new version too.",
  },
  health: {
    title: "Health",
    name: "checks",
    list: "Checks",
    again: "Check again",
    fine: "Everything works.",
    warned: (count: number) =>
      count === 1 ? "It works, with 1 warning" : `It works, with ${count} warnings`,
    unable: (count: number) => (count === 1 ? "1 check fails" : `${count} checks fail`),
    unableText: "Until that is mended the daemon is not able to work as it should.",
    statuses: { ok: "OK", warning: "Warning", missing: "Failed" },
    checks: {
      database: "Database",
      migrations: "Database schema",
      encryption: "Encryption key",
      disk: "Disk",
      inbox: "Webhooks",
    } as Record<string, string>,
  },
  bundle: {
    title: "Support bundle",
    text: "An archive of text files for whoever helps you. In it are:",
    contents: [
      "the version, how the instance is set up, and which configuration is set",
      "the checks above, runners, migrations, sizes of tables and figures",
      "the last messages of the daemon, which may name repositories, servers and people",
    ],
    without: "It holds no secrets and no logs of builds. Look through it before you send it.",
    download: "Download support bundle",
  },
});
