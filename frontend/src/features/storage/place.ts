/** A place for artifacts as it is typed, and what is sent of it. The server checks it. */
import type { ArtifactStorageProvider, ArtifactStorageRequest, ArtifactStorageSettings } from "@/api/types";

export type Place = {
  provider: ArtifactStorageProvider;
  folder: string;
  bucket: string;
  region: string;
  endpoint: string;
};
export type Keys = { id: string; secret: string };

export const NO_KEYS: Keys = { id: "", secret: "" };

export function placeOf(settings: ArtifactStorageSettings): Place {
  return {
    provider: settings.provider,
    folder: settings.local_base_dir ?? "",
    bucket: settings.s3_bucket ?? "",
    region: settings.s3_region ?? "",
    endpoint: settings.s3_endpoint ?? "",
  };
}

export const isBucket = (provider: ArtifactStorageProvider): boolean =>
  provider === "s3" || provider === "r2";

/** Stored keys go to the endpoint that they were entered for, and to no other. */
export function keysAreStored(place: Place, settings: ArtifactStorageSettings): boolean {
  const isSame =
    place.provider === settings.provider && place.endpoint.trim() === (settings.s3_endpoint ?? "");
  return settings.has_access_key_id && settings.has_secret_access_key && isSame;
}

export function requestOf(place: Place, keys: Keys | null): ArtifactStorageRequest {
  const { provider } = place;
  if (provider === "disabled") return { provider };
  if (provider === "local") return { provider, local_base_dir: given(place.folder) };
  return {
    provider,
    s3_bucket: given(place.bucket),
    s3_region: given(place.region),
    s3_endpoint: given(place.endpoint),
    access_key_id: given(keys?.id ?? ""),
    secret_access_key: given(keys?.secret ?? ""),
  };
}

function given(text: string): string | undefined {
  return text.trim() || undefined;
}
