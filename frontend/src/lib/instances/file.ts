/** The list of instances as a file, for another browser. Ids are this browser's own and stay out of it, as does all else. */
import { type AddressProblem, checkAddress } from "./address";
import { addInstance, type Instance, instanceAt, instances } from "./registry";

type Entry = Pick<Instance, "label" | "url" | "addedAt">;

export type Imported = {
  added: string[];
  known: number;
  refused: { text: string; problem: AddressProblem }[];
};

const FORMAT = "oore.instances";
const LARGEST_BYTES = 256 * 1024;
const LONGEST_LABEL = 100;

export function exportFile(): Blob {
  const entries = instances.get().map(({ label, url, addedAt }): Entry => ({ label, url, addedAt }));
  const text = JSON.stringify({ format: FORMAT, version: 1, instances: entries }, null, 2);
  return new Blob([`${text}\n`], { type: "application/json" });
}

/** Null when the file is no list of instances. What is in the list already stays as it is. */
export async function importFile(file: Blob): Promise<Imported | null> {
  const entries = file.size <= LARGEST_BYTES ? readEntries(await file.text()) : null;
  if (!entries) return null;
  const result: Imported = { added: [], known: 0, refused: [] };
  for (const { label, url, addedAt } of entries) {
    const address = checkAddress(url);
    if ("problem" in address) result.refused.push({ text: url, problem: address.problem });
    else if (instanceAt(address.url)) result.known += 1;
    else result.added.push(addInstance({ label, url: address.url, addedAt }).label);
  }
  return result;
}

function readEntries(text: string): Entry[] | null {
  try {
    const file: unknown = JSON.parse(text);
    if (!isRecord(file) || file.format !== FORMAT || !Array.isArray(file.instances)) return null;
    return file.instances.filter(isRecord).map(({ label, url, addedAt }) => ({
      url: String(url),
      label: String(label || url).slice(0, LONGEST_LABEL),
      addedAt: typeof addedAt === "number" ? addedAt : Date.now(),
    }));
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
