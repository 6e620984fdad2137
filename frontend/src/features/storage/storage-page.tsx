/** Where artifacts are stored, whether that works, and choosing another place. Keys come in and are never shown. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { ArtifactStorageSettings } from "@/api/types";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Banner, Fact, Facts, QueryView, Section, SkeletonRows } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { storage as words } from "@/messages/en/storage";
import { isBucket } from "./place";
import { storageQuery } from "./queries";

const StorageForm = lazy(() => import("./storage-form"));
const TestSection = lazy(() => import("./test-section"));

export function StoragePage() {
  const query = useQuery(storageQuery(useRuntime()));
  const mayWrite = useCan()("instance_settings.write");
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS}>
        <QueryView query={query} name={words.name}>
          {({ settings }) => (
            <div className="flex max-w-3xl flex-col gap-8">
              <State settings={settings} />
              <Section title={words.place}>
                <p className="text-ink-2">
                  {words.source[settings.source]} {words.text}
                </p>
                {mayWrite ? (
                  <Suspense fallback={<SkeletonRows />}>
                    <StorageForm settings={settings} />
                  </Suspense>
                ) : (
                  <Shown settings={settings} />
                )}
              </Section>
              {mayWrite && settings.provider !== "disabled" && (
                <Suspense>
                  {/* What was found of another place is no longer true. */}
                  <TestSection key={settings.updated_at ?? 0} />
                </Suspense>
              )}
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

/** What is wrong, if anything is. */
function State({ settings: { provider, problem } }: { settings: ArtifactStorageSettings }) {
  if (problem) {
    return (
      <Banner tone="bad" title={words.problem}>
        <p className="wrap-anywhere">{problem}</p>
        <p>{words.problemText}</p>
      </Banner>
    );
  }
  if (provider !== "disabled") return null;
  return (
    <Banner tone="warning" title={words.offTitle}>
      <p>{words.offText}</p>
    </Banner>
  );
}

function Shown({ settings }: { settings: ArtifactStorageSettings }) {
  const { provider, local_base_dir, s3_bucket, s3_region, s3_endpoint, has_secret_access_key } = settings;
  return (
    <>
      <Banner tone="info" title={words.readOnly} />
      <Facts>
        <Fact name={words.provider}>{words.providers[provider].label}</Fact>
        {local_base_dir && <Fact name={words.folder}>{local_base_dir}</Fact>}
        {s3_bucket && <Fact name={words.bucket}>{s3_bucket}</Fact>}
        {s3_region && <Fact name={words.region}>{s3_region}</Fact>}
        {s3_endpoint && <Fact name={words.endpoint}>{s3_endpoint}</Fact>}
        {isBucket(provider) && (
          <Fact name={words.stored}>{has_secret_access_key ? words.keysStored : words.keysNone}</Fact>
        )}
      </Facts>
    </>
  );
}
