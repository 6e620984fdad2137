/** The accounts at the code host that a source sees. */
import { useQuery } from "@tanstack/react-query";
import type { Integration, IntegrationInstallation } from "@/api/types";
import { accountsQuery, ExternalLink, installPage } from "@/components/sources";
import { Icon, QueryView, Section, SkeletonRows } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { source as sourceWords } from "@/messages/en/source";

const words = sourceWords.accounts;

export function AccountsSection({ source }: { source: Integration }) {
  const query = useQuery(accountsQuery(useRuntime(), source.id));
  const page = source.provider === "github" ? installPage(source) : null;
  return (
    <Section title={words.title} actions={page && <ExternalLink href={page}>{words.add}</ExternalLink>}>
      <QueryView query={query} name={words.title} skeleton={<SkeletonRows rows={1} />}>
        {({ installations }) =>
          installations.length === 0 ? (
            <p className="text-ink-2">{words.none}</p>
          ) : (
            <ul aria-label={words.title} className="card divide-y divide-line">
              {installations.map((account) => (
                <Account key={account.id} account={account} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Section>
  );
}

function Account({ account }: { account: IntegrationInstallation }) {
  const type = account.account_type;
  return (
    <li className="flex flex-wrap items-center gap-2 px-4 py-2.5">
      <Icon name="user" className="size-4 text-ink-3" />
      <span className="min-w-0 font-medium break-all">{account.account_name}</span>
      {type && <span className="text-sm text-ink-3">{words.types[type.toLowerCase()] ?? type}</span>}
    </li>
  );
}
