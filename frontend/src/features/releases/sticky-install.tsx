/** On a phone that installs what it downloads the one thing to do, always in reach: the first part of its page. */
import type { Artifact } from "@/api/types";
import { Button, useToasts } from "@/components/ui";
import { deviceHere } from "@/lib/device";
import { useDownload } from "@/lib/download";
import { releases as words } from "@/messages/en/releases";
import { installables } from "./files";

export function StickyInstall({ artifacts }: { artifacts: readonly Artifact[] }) {
  const here = deviceHere();
  const [file] = installables(artifacts, here);
  if (here !== "android" || file?.installs_on !== here) return null;
  return <Install file={file} />;
}

function Install({ file }: { file: Artifact }) {
  const { toastError } = useToasts();
  const { download, pending } = useDownload(file, toastError);
  return (
    <div className="sticky top-14 z-20 md:hidden">
      <Button
        variant="primary"
        icon="download"
        pending={pending}
        onClick={download}
        className="min-h-12 w-full shadow-pop"
      >
        {words.install}
      </Button>
    </div>
  );
}
