/** Saves bytes as a file. */
import type { ApiClient } from "@/api/client";

const KEEP_MS = 10_000;

/** An answer of the API. The token travels in a header, so a plain link would not do. */
export async function saveAs(api: ApiClient, path: string, name: string): Promise<void> {
  const response = await api.fetch(path);
  saveBlob(await response.blob(), name);
}

/** A browser may change a name that begins with a dot. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the blob after the click returns.
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
