/** A link to one file as a QR code, to copy and to send, so that a phone gets it. The link is shown once and not kept. */
import { encode } from "uqr";
import type { NewArtifactLink } from "@/api/types";
import { Banner, Button, CopyLine, Dialog, TimeAgo } from "@/components/ui";
import { isLoopbackAddress } from "@/lib/loopback";
import { t } from "@/messages";
import { releases as words } from "@/messages/en/releases";

/** Light modules around a code, as its standard asks for. */
const QUIET = 4;

type Props = { name: string; link: NewArtifactLink; onClose: () => void };

export default function PhoneDialog({ name, link, onClose }: Props) {
  const { download_url, expires_at } = link;
  const mail = `mailto:?subject=${encodeURIComponent(name)}&body=${encodeURIComponent(download_url)}`;
  const footer = (
    <>
      <a
        href={mail}
        className="target inline-flex items-center rounded px-3 font-medium text-accent hover:underline"
      >
        {words.mail}
      </a>
      <Button onClick={onClose}>{t.action.close}</Button>
    </>
  );
  return (
    <Dialog
      title={words.phoneTitle(name)}
      description={
        <>
          {words.phoneText} {words.ends} <TimeAgo ahead at={expires_at} />.
        </>
      }
      onClose={onClose}
      footer={footer}
    >
      <div className="flex flex-col items-center gap-4">
        {isLoopbackAddress(download_url) && (
          <Banner tone="warning" title={words.onlyHere}>
            <p>{words.onlyHereText}</p>
          </Banner>
        )}
        <Code text={download_url} label={words.qr(name)} />
        <div className="w-full min-w-0">
          <CopyLine text={download_url} />
        </div>
      </div>
    </Dialog>
  );
}

/** Dark on light in both themes: not every reader takes the reverse. */
function Code({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: "M", border: QUIET });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} className="w-64 max-w-full rounded">
      <path d={`M0 0h${size}v${size}H0z`} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
