/** One source: whether it works and what to repair, its accounts and repositories, reading them anew, disconnecting. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { Integration, IntegrationDetail } from "@/api/types";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { type Crumb, Page } from "@/components/shell";
import { hostName, ProviderLabel, SourceBadge, sourceName, sourceQuery } from "@/components/sources";
import {
  Banner,
  Button,
  ButtonLink,
  Fact,
  Facts,
  FormError,
  GoneState,
  QueryView,
  Section,
  TimeAgo,
} from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { formatNumber } from "@/lib/format";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { source as words } from "@/messages/en/source";
import { sourceNames as names } from "@/messages/en/source-names";
import { AccountsSection } from "./accounts-section";
import { DisconnectDialog } from "./dialogs";
import { RepositoriesSection } from "./repositories-section";
import type { SourceSearch } from "./source-search";
import { useSync } from "./use-sync";

const Trouble = lazy(() => import("./trouble"));
const CredentialSection = lazy(() => import("./credential-section"));

const PARENTS: Crumb[] = [...SETTINGS_PARENTS, { label: names.title, to: { to: "/settings/integrations" } }];

type Props = {
  sourceId: string;
  search: SourceSearch;
  onSearch: (search: SourceSearch, history: "push" | "replace") => void;
};

export function SourcePage({ sourceId, search, onSearch }: Props) {
  const query = useQuery(sourceQuery(useRuntime(), sourceId));
  const sync = useSync(sourceId);
  const back = <ButtonLink to="/settings/integrations">{names.title}</ButtonLink>;
  return (
    <SettingsFrame>
      <Page
        title={query.data ? sourceName(query.data.integration) : names.one}
        parents={PARENTS}
        actions={query.data && <Actions detail={query.data} sync={sync} />}
      >
        <QueryView query={query} name={names.one} gone={<GoneState name={names.one} actions={back} />}>
          {(detail) => (
            <div className="flex max-w-3xl flex-col gap-6">
              <FormError error={sync.error} />
              {search.installed && detail.integration.status === "active" && (
                <Connected
                  detail={detail}
                  onDismiss={() => onSearch({ ...search, installed: undefined }, "replace")}
                />
              )}
              <Suspense>
                <Trouble detail={detail} />
              </Suspense>
              <About detail={detail} />
              {detail.integration.provider === "gitlab" && (
                <Suspense fallback={<div className="min-h-16" />}>
                  <CredentialSection source={detail.integration} />
                </Suspense>
              )}
              {detail.integration.provider !== "local_git" && <AccountsSection source={detail.integration} />}
              <RepositoriesSection source={detail.integration} search={search} onSearch={onSearch} />
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

type ActionsProps = { detail: IntegrationDetail; sync: ReturnType<typeof useSync> };

function Actions({ detail, sync }: ActionsProps) {
  const can = useCan();
  const [asking, setAsking] = useState(false);
  const { provider, status } = detail.integration;
  return (
    <>
      {can("integrations.write") && provider !== "local_git" && status !== "inactive" && (
        <Button icon="rerun" pending={sync.pending} onClick={sync.go}>
          {words.sync.submit}
        </Button>
      )}
      {can("integrations.delete") && (
        <Button variant="danger" onClick={() => setAsking(true)}>
          {words.disconnect}
        </Button>
      )}
      {asking && <DisconnectDialog detail={detail} onClose={() => setAsking(false)} />}
    </>
  );
}

/** Said once, after the way to the code host and back. */
function Connected({ detail, onDismiss }: { detail: IntegrationDetail; onDismiss: () => void }) {
  const can = useCan();
  const count = detail.repository_count;
  const actions = (
    <>
      {count > 0 && can("projects.write") && (
        <ButtonLink to="/projects/new" variant="primary" icon="add">
          {words.newProject}
        </ButtonLink>
      )}
      <Button onClick={onDismiss}>{t.action.dismiss}</Button>
    </>
  );
  return (
    <div role="status">
      <Banner tone="info" title={words.doneTitle(sourceName(detail.integration))} actions={actions}>
        <p>{count > 0 ? words.doneText(formatNumber(count), count === 1) : words.doneNothing}</p>
      </Banner>
    </div>
  );
}

function About({ detail }: { detail: IntegrationDetail }) {
  const { integration: source, last_webhook_at, reports_waiting, reports_failed } = detail;
  const isLocal = source.provider === "local_git";
  return (
    <Section title={words.facts.title}>
      <Facts>
        <Fact name={words.facts.status}>
          <SourceBadge status={source.status} />
        </Fact>
        <Fact name={words.facts.provider}>
          <ProviderLabel provider={source.provider} />
        </Fact>
        {!isLocal && <HostFacts source={source} />}
        <Fact name={words.facts.connected}>
          <TimeAgo at={source.created_at} />
        </Fact>
        {!isLocal && (
          <>
            <Fact name={words.facts.synced}>
              {source.synced_at ? <TimeAgo at={source.synced_at} /> : words.facts.never}
            </Fact>
            <Fact name={words.facts.webhook}>
              {last_webhook_at ? <TimeAgo at={last_webhook_at} /> : words.facts.noWebhook}
              <Link
                to="/settings/deliveries"
                search={{ source: source.id }}
                className="tap ms-3 text-accent hover:underline"
              >
                {words.facts.deliveries}
              </Link>
            </Fact>
            {reports_waiting + reports_failed > 0 && (
              <Fact name={words.facts.reports}>
                {words.facts.reportCounts(formatNumber(reports_waiting), formatNumber(reports_failed))}
              </Fact>
            )}
          </>
        )}
      </Facts>
    </Section>
  );
}

function HostFacts({ source }: { source: Integration }) {
  return (
    <>
      <Fact name={words.facts.address}>
        <span className="break-all">{hostName(source.host_url)}</span>
      </Fact>
      <Fact name={words.facts.proof}>
        {words.facts.proofs[source.auth_mode]}
        {source.app_slug && <span className="ms-1.5 break-all text-ink-3">({source.app_slug})</span>}
      </Fact>
    </>
  );
}
