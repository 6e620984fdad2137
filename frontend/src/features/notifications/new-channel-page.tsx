/** Making a channel: the page of its form. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { type Crumb, Page } from "@/components/shell";
import { DeniedState, QueryView, SkeletonRows } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { notifications as words } from "@/messages/en/notifications";

const NewForm = lazy(() => import("./new-form"));

const PARENTS: Crumb[] = [...SETTINGS_PARENTS, { label: words.title, to: { to: "/settings/notifications" } }];

export function NewChannelPage() {
  const query = useQuery(bootstrapQuery(useRuntime()));
  const mayWrite = useCan()("instance_settings.write");
  return (
    <SettingsFrame>
      <Page title={words.newTitle} parents={PARENTS}>
        <QueryView query={query} name={words.one}>
          {() =>
            mayWrite ? (
              <Suspense fallback={<SkeletonRows />}>
                <NewForm />
              </Suspense>
            ) : (
              <DeniedState />
            )
          }
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}
