/** How people reach the instance and sign in. Only the owner changes it; others who may read it see it without controls. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Banner, QueryView, SkeletonRows } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { preferencesQuery } from "@/lib/preferences";
import { access as words } from "@/messages/en/access";
import { ChecksSection } from "./checks-section";
import { ModeSection } from "./mode-section";
import type { Rights } from "./rights";

const Forms = lazy(() => import("./forms"));

export function AccessPage() {
  const query = useQuery(preferencesQuery(useRuntime()));
  const rights: Rights = useCan()("external_access.write") ? "change" : "read";
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS}>
        <QueryView query={query} name={words.name}>
          {({ preferences }) => (
            <div className="flex max-w-3xl flex-col gap-8">
              {rights === "read" && <Banner tone="info" title={words.readOnly} />}
              <ModeSection preferences={preferences} rights={rights} />
              <Suspense fallback={<SkeletonRows />}>
                <Forms rights={rights} />
              </Suspense>
              <ChecksSection />
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}
