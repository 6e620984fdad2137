/** The files that a build stored: name, kind, size, checksum, expiry, download. Links are made on demand and never kept. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Artifact } from "@/api/types";
import {
  Badge,
  Button,
  Bytes,
  CopyButton,
  EmptyState,
  Icon,
  QueryView,
  TimeAgo,
  toastError,
} from "@/components/ui";
import { artifactsQuery } from "@/lib/build-queries";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";

type Props = { buildId: string; build: "active" | "ended" };

export function ArtifactList({ buildId, build }: Props) {
  const query = useQuery(artifactsQuery(useRuntime(), buildId));
  return (
    <QueryView query={query} name={t.artifacts.name}>
      {({ artifacts }) =>
        artifacts.length === 0 ? (
          <EmptyState icon="artifact" title={t.artifacts.emptyTitle}>
            <p>{build === "active" ? t.artifacts.emptyActive : t.artifacts.emptyEnded}</p>
          </EmptyState>
        ) : (
          <ul aria-label={t.artifacts.title} className="card divide-y divide-line">
            {artifacts.map((artifact) => (
              <ArtifactRow key={artifact.id} artifact={artifact} />
            ))}
          </ul>
        )
      }
    </QueryView>
  );
}

const isExpired = ({ expires_at }: Artifact): boolean =>
  Boolean(expires_at && expires_at * 1000 < Date.now());

function ArtifactRow({ artifact }: { artifact: Artifact }) {
  const expired = isExpired(artifact);
  const isStored = artifact.state === "available" && !expired;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <Icon name="artifact" className="size-5 text-ink-3" />
      <div className="flex min-w-0 grow basis-64 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium break-all">{artifact.name}</span>
          {!isStored && (
            <Badge tone={artifact.state === "failed" ? "failed" : "queued"}>
              {expired ? t.artifacts.expired : (t.artifacts.state[artifact.state] ?? artifact.state)}
            </Badge>
          )}
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm text-ink-2">
          <span>{t.artifacts.type[artifact.artifact_type] ?? artifact.artifact_type}</span>
          <span>
            {typeof artifact.file_size === "number" ? (
              <Bytes value={artifact.file_size} />
            ) : (
              t.artifacts.unknownSize
            )}
          </span>
          {artifact.expires_at && (
            <span>
              {expired ? t.artifacts.expired : t.artifacts.expires} <TimeAgo at={artifact.expires_at} />
            </span>
          )}
        </p>
        {artifact.checksum && (
          <p className="flex min-w-0 items-center gap-1 text-sm text-ink-2">
            <span className="shrink-0">{t.artifacts.sha256}</span>
            <code className="min-w-0 font-mono text-xs break-all">{artifact.checksum}</code>
            <CopyButton text={artifact.checksum} label={t.artifacts.copySha} />
          </p>
        )}
      </div>
      {isStored && <DownloadButton artifact={artifact} />}
    </li>
  );
}

function DownloadButton({ artifact }: { artifact: Artifact }) {
  const { api } = useRuntime();
  const [pending, setPending] = useState(false);
  async function download() {
    setPending(true);
    try {
      const { download_url } = await api.post("/v1/artifacts/{artifact_id}/download-link", {
        path: { artifact_id: artifact.id },
      });
      startDownload(download_url, artifact.name);
    } catch (cause) {
      toastError(cause);
    } finally {
      setPending(false);
    }
  }
  return (
    <Button
      icon="download"
      pending={pending}
      aria-label={t.artifacts.downloadOf(artifact.name)}
      onClick={() => void download()}
    >
      {t.artifacts.download}
    </Button>
  );
}

/** The server sends the file as an attachment, so the page stays. */
function startDownload(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.rel = "noreferrer";
  link.click();
}
