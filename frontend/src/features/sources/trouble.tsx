/** What is wrong with a source, or will soon be, and what repairs it. Silent when all is well. */
import { useQuery } from "@tanstack/react-query";
import type { IntegrationDetail, OperatorIncident } from "@/api/types";
import {
  ExternalLink,
  incidentsQuery,
  installPage,
  OwnPageLink,
  useAuthorize,
  useIsOwnPage,
} from "@/components/sources";
import { Banner, Button, ButtonLink, FormError } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { sourceNames as names } from "@/messages/en/source-names";
import { sourceTrouble as words } from "@/messages/en/source-trouble";

export default function Trouble({ detail }: { detail: IntegrationDetail }) {
  const { integration: source } = detail;
  const can = useCan();
  const { data } = useQuery({
    ...incidentsQuery(useRuntime(), source.id),
    enabled: can("integrations.write") && source.provider !== "local_git",
  });
  if (source.status === "inactive") return <NotAuthorised sourceId={source.id} />;
  if (source.status === "error") return <Broken detail={detail} />;
  if (source.auth_mode === "github_app" && detail.installation_count === 0)
    return <NotInstalled detail={detail} />;
  return data?.incidents.map((incident) => <Soon key={incident.id} incident={incident} />);
}

function NotAuthorised({ sourceId }: { sourceId: string }) {
  const can = useCan();
  const authorize = useAuthorize(sourceId);
  const isOwnPage = useIsOwnPage();
  const action =
    can("integrations.write") &&
    (isOwnPage ? (
      <Button variant="primary" icon="arrow" pending={authorize.pending} onClick={() => authorize.go()}>
        {words.authorize}
      </Button>
    ) : (
      <OwnPageLink path={`/settings/integrations/${sourceId}`} />
    ));
  return (
    <>
      <Banner tone="warning" title={words.inactive} actions={action}>
        <p>{isOwnPage ? words.inactiveText : names.ownPageText}</p>
      </Banner>
      <FormError error={authorize.error} />
    </>
  );
}

/** For GitLab the buttons that repair it are in the section of its credential. */
function Broken({ detail: { integration: source } }: { detail: IntegrationDetail }) {
  const can = useCan();
  const isGithub = source.provider === "github";
  const action = isGithub && can("integrations.write") && (
    <ButtonLink
      to="/settings/integrations/new"
      search={{ provider: "github" }}
      variant="primary"
      icon="arrow"
    >
      {words.again}
    </ButtonLink>
  );
  return (
    <Banner tone="bad" title={words.error} actions={action}>
      <p className="break-words">{source.status_reason ?? words.unknown}</p>
      <p>{words.consequence}</p>
      {isGithub && <p>{words.againText}</p>}
    </Banner>
  );
}

function NotInstalled({ detail: { integration: source } }: { detail: IntegrationDetail }) {
  const page = installPage(source);
  return (
    <Banner
      tone="warning"
      title={words.notInstalled}
      actions={page && <ExternalLink href={page}>{words.install}</ExternalLink>}
    >
      <p>{words.notInstalledText}</p>
    </Banner>
  );
}

function Soon({ incident }: { incident: OperatorIncident }) {
  return (
    <Banner tone={incident.severity === "info" ? "info" : "warning"} title={words.soon}>
      <p>{incident.repair_action}.</p>
    </Banner>
  );
}
