/** Says that the daemon was updated under this page, and offers the reload. It must not reload by itself. */
import { useState } from "react";
import { Banner, Button } from "@/components/ui";
import { useLiveEvent } from "@/lib/live/use-live";
import { t } from "@/messages";

export function UpdateBanner() {
  const [first, setFirst] = useState<string | null>(null);
  const [latest, setLatest] = useState<string | null>(null);
  useLiveEvent("hello", ({ version }) => {
    setFirst((known) => known ?? version);
    setLatest(version);
  });
  if (first === null || latest === first) return null;
  return (
    <div className="px-4 pt-4 sm:px-6">
      <Banner
        tone="info"
        title={t.shell.updated}
        actions={<Button onClick={() => window.location.reload()}>{t.action.reload}</Button>}
      />
    </div>
  );
}
