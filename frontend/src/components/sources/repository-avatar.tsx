/**
 * The picture of a repository, fetched through the daemon; until it is there, or without one, the first letter. It says nothing
 * that the name beside it does not say, so it is hidden from screen readers. It must not ask any other host.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { IntegrationRepository } from "@/api/types";
import { useRuntime } from "@/lib/instances/current";
import { avatarQuery } from "@/lib/source-queries";

type Props = { repository: Pick<IntegrationRepository, "id" | "full_name" | "avatar_url"> };

export function RepositoryAvatar({ repository }: Props) {
  const { data } = useQuery({
    ...avatarQuery(useRuntime(), repository.id),
    enabled: Boolean(repository.avatar_url),
  });
  const url = useBlobUrl(data);
  if (url) return <img src={url} alt="" className="size-8 shrink-0 rounded object-cover" />;
  const [letter = "?"] = repository.full_name.split("/").at(-1) ?? "";
  return (
    <span
      aria-hidden="true"
      className="flex size-8 shrink-0 items-center justify-center rounded bg-queued-tint font-medium text-queued uppercase"
    >
      {letter}
    </span>
  );
}

/** The address lives as long as the element that shows it. */
function useBlobUrl(blob: Blob | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [blob]);
  return url;
}
