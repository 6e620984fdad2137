/** Saves bytes as a file, and fetches artifacts by links that are made on demand and never kept. */
import { useState } from "react";
import type { ApiClient } from "@/api/client";
import type { Artifact } from "@/api/types";
import { useRuntime } from "./instances/current";

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

/** `download` begins it; what goes wrong is told to `onError`. */
export function useDownload({ id, name }: Pick<Artifact, "id" | "name">, onError: (cause: unknown) => void) {
  const { api } = useRuntime();
  const [pending, setPending] = useState(false);
  async function download() {
    setPending(true);
    try {
      const path = { artifact_id: id };
      const { download_url } = await api.post("/v1/artifacts/{artifact_id}/download-link", { path });
      follow(download_url, name);
    } catch (cause) {
      onError(cause);
    } finally {
      setPending(false);
    }
  }
  return { download: () => void download(), pending };
}

/** The server sends the file as an attachment, so the page stays. */
function follow(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.rel = "noreferrer";
  link.click();
}
