/** Adding an instance: what is wrong with the address, who answers there, whether it is in the list already. It must not render. */
import { type AddressProblem, checkAddress } from "./address";
import { healthQuery } from "./health";
import { type Finding, probe } from "./probe";
import { addInstance, type Instance, instanceAt, instances } from "./registry";
import { runtimeOf } from "./runtime";

export type Obstacle = Exclude<Finding["kind"], "ready" | "not_set_up">;

export type Outcome =
  | { kind: "added"; instance: Instance }
  | { kind: "same_address"; instance: Instance }
  | { kind: "same_daemon"; instance: Instance; url: string }
  | { kind: "problem"; problem: AddressProblem }
  | { kind: "obstacle"; obstacle: Obstacle; url: string };

type Wish = { address: string; label: string };

/** Asks the address who it is, and adds it if that is an instance which is not in the list yet. */
export async function tryToAdd({ address, label }: Wish): Promise<Outcome> {
  const checked = checkAddress(address);
  if ("problem" in checked) return { kind: "problem", problem: checked.problem };
  const { url } = checked;
  const known = instanceAt(url);
  if (known) return { kind: "same_address", instance: known };
  const finding = await probe(url);
  if (!("daemonId" in finding)) return { kind: "obstacle", obstacle: finding.kind, url };
  const other = await instanceOf(finding.daemonId);
  return other ? { kind: "same_daemon", instance: other, url } : add({ url, label });
}

/** `url` is one that was checked. */
export function add({ url, label }: { url: string; label: string }): Outcome {
  return { kind: "added", instance: addInstance({ url, label: label.trim() || new URL(url).host }) };
}

/** The entry behind which the same daemon answers. */
async function instanceOf(daemonId: string): Promise<Instance | null> {
  const answers = await Promise.all(
    instances.get().map(async (instance) => {
      const runtime = runtimeOf(instance);
      const finding = await runtime.queryClient.fetchQuery(healthQuery(runtime));
      return "daemonId" in finding && finding.daemonId === daemonId ? instance : null;
    }),
  );
  return answers.find((instance) => instance !== null) ?? null;
}
