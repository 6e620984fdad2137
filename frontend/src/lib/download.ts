/** Saves an answer of the API as a file. The token travels in a header, so a plain link would not do. */
import type { ApiClient } from "@/api/client";

const KEEP_MS = 10_000;

export async function saveAs(api: ApiClient, path: string, name: string): Promise<void> {
  const response = await api.fetch(path);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the blob after the click returns.
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
