/** The files that a build stored: name, kind, size, checksum, expiry, download, sharing, deletion. Links are made on demand and never kept. */
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
import { formatBytes, formatMoment } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { platformName } from "@/lib/platform";
import { projectQuery } from "@/lib/queries";
import { t } from "@/messages";
import { artifacts as words } from "@/messages/en/artifacts";
import { type Earlier, useEarlier } from "./earlier";
import { platformOf } from "./platform";

/** Loaded when they are asked for. */
const ShareDialog = onRequest(() => import("./share-dialog"));
const DeleteDialog = onRequest(() => import("./delete-dialog"));

type Props = {
  build: Build;
  /** Where they are one part of many: so many at most, and few words where there are none. */
  most?: number;
};

export function ArtifactList({ build, most }: Props) {
  const query = useQuery(artifactsQuery(useRuntime(), build.id));
  return (
    <QueryView query={query} name={words.name}>
      {({ artifacts }) => (
        <div className="flex flex-col gap-3">
          <Removed build={build} />
          {artifacts.length > 0 && <Rows build={build} artifacts={artifacts} most={most} />}
          {artifacts.length === 0 && !build.artifacts_removed_at && <None build={build} most={most} />}
        </div>
      )}
    </QueryView>
  );
}

function Rows({ build, artifacts, most }: Props & { artifacts: readonly Artifact[] }) {
  const earlier = useEarlier(build, artifacts);
  return (
    <>
      <ul aria-label={words.title} className="card divide-y divide-line">
        {artifacts.slice(0, most).map((artifact) => (
          <ArtifactRow
            key={artifact.id}
            build={build}
            artifact={artifact}
            earlier={earlier}
            size={most ? "short" : "whole"}
          />
        ))}
      </ul>
      {most && artifacts.length > most && (
        <p className="text-sm text-ink-2">{words.more(artifacts.length - most)}</p>
      )}
    </>
  );
}

function None({ build, most }: Props) {
  const text = isActive(build.status) ? words.emptyActive : words.emptyEnded;
  if (most) return <p className="text-ink-2">{text}</p>;
  return (
    <EmptyState icon="artifact" title={words.emptyTitle}>
      <p>{text}</p>
    </EmptyState>
  );
}

/** When retention took them, and by which rule. */
function Removed({ build: { artifacts_removed_at, artifacts_removed_by } }: { build: Build }) {
  if (!artifacts_removed_at) return null;
  return (
    <Banner tone="info" title={words.removedTitle}>
      {artifacts_removed_by && <p>{words.removedText[artifacts_removed_by]}</p>}
      <p>
        {words.removedAt} <TimeAgo at={artifacts_removed_at} />
      </p>
    </Banner>
  );
}

type RowProps = { build: Build; artifact: Artifact };

/** The short one is for taking it away only. */
type WholeRowProps = RowProps & { earlier: Earlier | null; size: "short" | "whole" };

function ArtifactRow({ build, artifact, earlier, size }: WholeRowProps) {
  const platform = platformOf(artifact);
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
              {words.state[artifact.state] ?? artifact.state}
            </Badge>
          )}
        </p>
        <p className="flex flex-wrap gap-x-3 text-sm text-ink-2">
          <span>{words.type[artifact.artifact_type] ?? artifact.artifact_type}</span>
          {platform && <span>{platformName(platform)}</span>}
          <Size artifact={artifact} earlier={earlier} />
          {artifact.expires_at && !build.pinned && (
            <span>
              {words.expires} {formatMoment(artifact.expires_at * 1000)}
            </span>
          )}
        </p>
        {artifact.checksum && size === "whole" && (
          <p className="flex min-w-0 items-center gap-1 text-sm text-ink-2">
            <span className="shrink-0">{words.sha256}</span>
            <code className="min-w-0 font-mono text-xs break-all">{artifact.checksum}</code>
            <CopyButton text={artifact.checksum} label={words.copySha} />
          </p>
        )}
      </div>
      {isStored && (
        <div className="flex flex-wrap gap-2">
          <Share build={build} artifact={artifact} />
          <DownloadButton artifact={artifact} />
          {size === "whole" && <Delete build={build} artifact={artifact} />}
        </div>
      )}
    </li>
  );
}

/** How large, and how much that is against the last build that passed. */
function Size({ artifact: { name, file_size }, earlier }: { artifact: Artifact; earlier: Earlier | null }) {
  if (typeof file_size !== "number") return <span>{words.unknownSize}</span>;
  const before = earlier?.sizes.get(name);
  return (
    <>
      <Bytes value={file_size} />
      {earlier && before !== undefined && (
        <span className="tabular">
          {changeText(file_size - before, t.builds.number(earlier.buildNumber))}
        </span>
      )}
    </>
  );
}

function changeText(bytes: number, build: string): string {
  if (bytes === 0) return words.sameSize(build);
  return words.than(`${bytes > 0 ? "+" : "−"}${formatBytes(Math.abs(bytes))}`, build);
}

/** Only for whom may hand files on. */
function Share({ build, artifact }: RowProps) {
  const { data } = useQuery(projectQuery(useRuntime(), build.project_id));
  const [open, setOpen] = useState(false);
  if (!projectAllows(data?.project, "write_artifacts")) return null;
  return (
    <>
      <Button icon="external" aria-label={words.shareOf(artifact.name)} onClick={() => setOpen(true)}>
        {words.share}
      </Button>
      {open && <ShareDialog artifact={artifact} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Only for whom may delete. What somebody has pinned stays. */
function Delete({ build, artifact }: RowProps) {
  const { data } = useQuery(projectQuery(useRuntime(), build.project_id));
  const [isAsking, setAsking] = useState(false);
  if (!projectAllows(data?.project, "delete_artifacts")) return null;
  const pinned = words.pinned(t.builds.number(build.build_number));
  return (
    <>
      <Button
        icon="delete"
        aria-label={words.deleteOf(artifact.name)}
        disabledReason={build.pinned ? pinned : null}
        onClick={() => setAsking(true)}
      >
        {words.delete}
      </Button>
      {isAsking && <DeleteDialog artifact={artifact} pinned={pinned} onClose={() => setAsking(false)} />}
    </>
  );
}

function DownloadButton({ artifact }: { artifact: Artifact }) {
  const { toastError } = useToasts();
  const { download, pending } = useDownload(artifact, toastError);
  return (
    <Button icon="download" pending={pending} aria-label={words.downloadOf(artifact.name)} onClick={download}>
      {words.download}
    </Button>
  );
}
