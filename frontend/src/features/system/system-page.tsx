/** The daemon itself: which version runs and its update, whether all works, what it said, and what helps whoever helps. */
import { useQuery } from "@tanstack/react-query";
import { toApiError } from "@/api/errors";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Banner, DeniedState, Fact, Facts, QueryView, Section } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { system as words } from "@/messages/en/system";
import { Backup } from "./backup";
import { Health } from "./health";
import { Messages } from "./messages";
import { updateQuery } from "./queries";
import type { MessagesProps } from "./search";
import { SupportBundle } from "./support-bundle";
import { Update } from "./update";

export function SystemPage(props: MessagesProps) {
  const query = useQuery(bootstrapQuery(useRuntime()));
  const mayRead = useCan()("instance_settings.read");
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS}>
        <QueryView query={query} name={words.name}>
          {({ instance }) => (mayRead ? <Parts version={instance.version} {...props} /> : <DeniedState />)}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

/** Update, messages and support bundle are the owner's; others who see the settings learn how the daemon is doing. */
function Parts({ version, ...address }: MessagesProps & { version: string }) {
  const query = useQuery(updateQuery(useRuntime()));
  const isOthers = query.error !== null && toApiError(query.error).status === 403;
  const isOwners = !isOthers && !query.isPending;
  return (
    <div className="flex max-w-3xl flex-col gap-8">
      {isOthers ? <VersionOnly version={version} /> : <Update query={query} />}
      <Health />
      {isOwners && <Messages {...address} />}
      <Backup />
      {isOwners && <SupportBundle />}
    </div>
  );
}

function VersionOnly({ version }: { version: string }) {
  return (
    <Section title={words.update.title}>
      <Facts>
        <Fact name={words.update.version}>{version}</Fact>
      </Facts>
      <Banner tone="info" title={words.ownersOnly} />
    </Section>
  );
}
