/** What of a release can be installed: each with its download, and for a phone a way to it. */
import { useState } from "react";
import type { NewArtifactLink } from "@/api/types";
import { Button, Bytes, Icon, onRequest, useToasts } from "@/components/ui";
import { type Device, deviceHere } from "@/lib/device";
import { useDownload } from "@/lib/download";
import { useRuntime } from "@/lib/instances/current";
import { platformName } from "@/lib/platform";
import { releases as words } from "@/messages/en/releases";
import type { Installable } from "./files";

const PhoneDialog = onRequest(() => import("./phone-dialog"));

/** A link to hand on is good for so long, in seconds. */
const LINK_SECONDS = 86_400;
const PHONES: readonly (Device | null)[] = ["android", "ios"];

type Props = {
  files: readonly Installable[];
  /** Whether the person may make links that work without signing in. */
  links: "allowed" | "denied";
};

export function InstallList({ files, links }: Props) {
  const here = deviceHere();
  return (
    <ul aria-label={words.files} className="divide-y divide-line rounded border border-line">
      {files.map((file) => (
        <li key={file.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2">
          <Icon name="artifact" className="size-5 text-ink-3" />
          <div className="min-w-0 grow basis-40">
            <p className="font-medium break-all">{file.name}</p>
            <p className="flex flex-wrap gap-x-3 text-sm text-ink-2">
              <span>{platformName(file.installs_on)}</span>
              {file.file_size != null && <Bytes value={file.file_size} />}
            </p>
          </div>
          <div className="flex flex-wrap gap-2">
            {links === "allowed" && PHONES.includes(file.installs_on) && !PHONES.includes(here) && (
              <ToPhone file={file} />
            )}
            <Download file={file} />
          </div>
          {file.installs_on === "ios" && <p className="basis-full text-sm text-ink-2">{words.iosText}</p>}
        </li>
      ))}
    </ul>
  );
}

function Download({ file }: { file: Installable }) {
  const { toastError } = useToasts();
  const { download, pending } = useDownload(file, toastError);
  return (
    <Button icon="download" pending={pending} aria-label={words.downloadOf(file.name)} onClick={download}>
      {words.download}
    </Button>
  );
}

/** The link is made when it is asked for, and shown once. */
function ToPhone({ file }: { file: Installable }) {
  const { api } = useRuntime();
  const { toastError } = useToasts();
  const [pending, setPending] = useState(false);
  const [link, setLink] = useState<NewArtifactLink | null>(null);
  async function make() {
    setPending(true);
    try {
      const path = { artifact_id: file.id };
      const body = { ttl_secs: LINK_SECONDS };
      setLink(await api.post("/v1/artifacts/{artifact_id}/scoped-token", { path, body }));
    } catch (cause) {
      toastError(cause);
    } finally {
      setPending(false);
    }
  }
  return (
    <>
      <Button
        icon="external"
        pending={pending}
        aria-label={words.phoneOf(file.name)}
        onClick={() => void make()}
      >
        {words.phone}
      </Button>
      {link && <PhoneDialog name={file.name} link={link} onClose={() => setLink(null)} />}
    </>
  );
}
