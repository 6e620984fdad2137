/** The files that a build stored: name, kind, size, checksum, expiry, download. Links are made on demand and never kept. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Artifact, Build } from "@/api/types";
import {
  Badge,
  Banner,
  Button,
  Bytes,
  CopyButton,
  EmptyState,
  Icon,
  isActive,
  onRequest,
  QueryView,
  TimeAgo,
  useToasts,
} from "@/components/ui";
import { artifactsQuery } from "@/lib/build-queries";
import { projectAllows } from "@/lib/capabilities";
import { useDownload } from "@/lib/download";
import { formatMoment } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";

/** Loaded when it is asked for. */
const ShareDialog = onRequest(() => import("./share-dialog"));

export function ArtifactList({ build }: { build: Build }) {
  const query = useQuery(artifactsQuery(useRuntime(), build.id));
  return (
    <QueryView query={query} name={t.artifacts.name}>
      {({ artifacts }) => (
        <div className="flex flex-col gap-3">
          <Removed build={build} />
          {artifacts.length > 0 && (
            <ul aria-label={t.artifacts.title} className="card divide-y divide-line">
              {artifacts.map((artifact) => (
                <ArtifactRow key={artifact.id} build={build} artifact={artifact} />
              ))}
            </ul>
          )}
          {artifacts.length === 0 && !build.artifacts_removed_at && (
            <EmptyState icon="artifact" title={t.artifacts.emptyTitle}>
              <p>{isActive(build.status) ? t.artifacts.emptyActive : t.artifacts.emptyEnded}</p>
            </EmptyState>
          )}
        </div>
      )}
    </QueryView>
  );
}

/** When retention took them, and by which rule. */
function Removed({ build: { artifacts_removed_at, artifacts_removed_by } }: { build: Build }) {
  if (!artifacts_removed_at) return null;
  return (
    <Banner tone="info" title={t.artifacts.removedTitle}>
      {artifacts_removed_by && <p>{t.artifacts.removedText[artifacts_removed_by]}</p>}
      <p>
        {t.artifacts.removedAt} <TimeAgo at={artifacts_removed_at} />
      </p>
    </Banner>
  );
}

type RowProps = { build: Build; artifact: Artifact };

function ArtifactRow({ build, artifact }: RowProps) {
  // Only the server knows what is gone: nothing expires of pinned builds, nor while retention only counts.
  const isStored = artifact.state === "available";
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <Icon name="artifact" className="size-5 text-ink-3" />
      <div className="flex min-w-0 grow basis-64 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium break-all">{artifact.name}</span>
          {!isStored && (
            <Badge tone={artifact.state === "failed" ? "failed" : "queued"}>
              {t.artifacts.state[artifact.state] ?? artifact.state}
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
          {artifact.expires_at && !build.pinned && (
            <span>
              {t.artifacts.expires} {formatMoment(artifact.expires_at * 1000)}
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
      {isStored && (
        <div className="flex flex-wrap gap-2">
          <Share build={build} artifact={artifact} />
          <DownloadButton artifact={artifact} />
        </div>
      )}
    </li>
  );
}

/** Only for whom may hand files on. */
function Share({ build, artifact }: RowProps) {
  const { data } = useQuery(projectQuery(useRuntime(), build.project_id));
  const [open, setOpen] = useState(false);
  if (!projectAllows(data?.project, "write_artifacts")) return null;
  return (
    <>
      <Button icon="external" aria-label={t.artifacts.shareOf(artifact.name)} onClick={() => setOpen(true)}>
        {t.artifacts.share}
      </Button>
      {open && <ShareDialog artifact={artifact} onClose={() => setOpen(false)} />}
    </>
  );
}

function DownloadButton({ artifact }: { artifact: Artifact }) {
  const { toastError } = useToasts();
  const { download, pending } = useDownload(artifact, toastError);
  return (
    <Button
      icon="download"
      pending={pending}
      aria-label={t.artifacts.downloadOf(artifact.name)}
      onClick={download}
    >
      {t.artifacts.download}
    </Button>
  );
}
