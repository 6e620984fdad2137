/** Says that the daemon was updated under this page, and offers the reload. It must not reload by itself. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Banner, Button } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { useLiveEvent } from "@/lib/live/use-live";
import { bootstrapQuery } from "@/lib/queries";
import { t } from "@/messages";

export function UpdateBanner() {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  const [first, setFirst] = useState<string | null>(null);
  const [told, setTold] = useState<string | null>(null);
  // The stream's first word may have come before this was here to hear it.
  useLiveEvent("hello", ({ version }) => setTold(version));
  const version = told ?? data?.instance.version ?? null;
  useEffect(() => setFirst((known) => known ?? version), [version]);
  if (first === null || version === first) return null;
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
