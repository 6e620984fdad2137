/** Whether a runner could take a build, as the server decides it (src/domain/label.rs). It only foretells. */
import type { Runner } from "@/api/types";

/** What a runner tells of itself, by the kind of labels that follow from it; nobody gives those. */
const TOLD_IN: Record<string, string | undefined> = { os: "os", arch: "arch", tool: "tools" };
const PROTOCOL = "protocol:";

/** What it lacks for these labels. Of a kind that it says nothing about it lacks nothing: older runners say less. */
export function missingLabels(runner: Runner, required: readonly string[]): string[] {
  const { capabilities, labels, detected_labels } = runner;
  const has = (label: string) => {
    if (labels.includes(label) || detected_labels.includes(label)) return true;
    if (label.startsWith(PROTOCOL)) {
      return Number(capabilities.protocol_version) >= Number(label.slice(PROTOCOL.length));
    }
    const [kind = "", name] = label.split(":");
    const key = name === undefined ? undefined : TOLD_IN[kind];
    return key !== undefined && !capabilities[key];
  };
  return required.filter((label) => !has(label));
}

/** Whether it would take a build if it had a free slot. */
export function takesBuilds({ status, drain, excluded_by_mode }: Runner): boolean {
  return (status === "online" || status === "busy") && !drain && !excluded_by_mode;
}
