/** How long builds keep what they made: the instance's rules, what they would remove, and what the last clean-up did. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { RetentionPolicy } from "@/api/types";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Banner, Bytes, Fact, Facts, QueryView, Section, SkeletonRows, TimeAgo } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { retention as words } from "@/messages/en/retention";
import { lastCleanupQuery, retentionQuery } from "./queries";

const PolicyForm = lazy(() => import("./policy-form"));
const InForce = lazy(() => import("@/components/retention/in-force"));

export function RetentionPage() {
  const query = useQuery(retentionQuery(useRuntime()));
  const mayWrite = useCan()("instance_settings.write");
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS}>
        <QueryView query={query} name={words.name}>
          {({ policy }) => (
            <div className="flex max-w-3xl flex-col gap-8">
              <Section title={words.policy}>
                <p className="max-w-[70ch] text-ink-2">{words.text}</p>
                <Suspense fallback={<SkeletonRows />}>
                  {mayWrite ? <PolicyForm policy={policy} /> : <ReadOnly policy={policy} />}
                </Suspense>
              </Section>
              <LastCleanup />
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function ReadOnly({ policy }: { policy: RetentionPolicy }) {
  return (
    <>
      <Banner tone="info" title={words.readOnly} />
      <InForce policy={policy} />
    </>
  );
}

function LastCleanup() {
  const query = useQuery(lastCleanupQuery(useRuntime()));
  const { last } = words;
  return (
    <Section title={last.title}>
      <QueryView query={query} name={last.name}>
        {({ last_cleanup: found }) =>
          found ? (
            <Facts>
              <Fact name={last.at}>
                <TimeAgo at={found.ran_at} />
                {found.dry_run && <span className="ms-2 text-ink-3">({last.dry})</span>}
              </Fact>
              <Fact name={last.builds}>{formatNumber(found.builds_expired)}</Fact>
              <Fact name={last.artifacts}>{formatNumber(found.artifacts_deleted)}</Fact>
              <Fact name={last.freed}>
                <Bytes value={found.bytes_reclaimed} />
              </Fact>
            </Facts>
          ) : (
            <p className="text-ink-2">{last.none}</p>
          )
        }
      </QueryView>
    </Section>
  );
}
