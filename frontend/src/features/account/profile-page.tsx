/** Who the signed-in person is to this instance, their address while it is theirs to change, and their own pages. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { User } from "@/api/types";
import { AccountFrame, useAccountSections } from "@/components/settings";
import { Page } from "@/components/shell";
import { CopyButton, Fact, Facts, Icon, QueryView, TimeAgo } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { wayOf } from "@/lib/ways";
import { roles, account as words } from "@/messages/later";
import { AddressForm } from "./address-form";
import { AppearanceSection } from "./appearance-section";

export function ProfilePage() {
  const query = useQuery(bootstrapQuery(useRuntime()));
  return (
    <AccountFrame>
      <Page title={words.title}>
        <QueryView query={query} name={words.title}>
          {({ user, instance }) => (
            <div className="flex max-w-3xl flex-col gap-6">
              <Profile user={user} isBehindProxy={wayOf(instance) === "trusted_proxy"} />
              <AppearanceSection />
              <Sections />
            </div>
          )}
        </QueryView>
      </Page>
    </AccountFrame>
  );
}

function Profile({ user, isBehindProxy }: { user: User; isBehindProxy: boolean }) {
  return (
    <div className="flex flex-col gap-2">
      <Facts>
        {user.display_name && <Fact name={words.displayName}>{user.display_name}</Fact>}
        <Fact name={words.email}>{user.email}</Fact>
        <Fact name={words.role}>
          <p className="font-medium">{roles.instance[user.role]}</p>
          <p className="text-ink-2">{roles.instanceText[user.role]}</p>
        </Fact>
        <Fact name={words.since}>
          <TimeAgo at={user.created_at} />
        </Fact>
        <Fact name={words.id}>
          <span className="flex items-center gap-1">
            <code className="font-mono text-sm break-all">{user.id}</code>
            <CopyButton text={user.id} />
          </span>
        </Fact>
      </Facts>
      {user.capabilities.includes("change_email") ? (
        <AddressForm key={user.email} email={user.email} isBehindProxy={isBehindProxy} />
      ) : (
        <p className="text-sm text-ink-3">{words.fromProvider}</p>
      )}
    </div>
  );
}

/** On phones there is no second column. */
function Sections() {
  const others = useAccountSections().filter(({ to }) => to !== "/me");
  return (
    <ul className="card divide-y divide-line md:hidden">
      {others.map((section) => (
        <li key={section.label} className="relative flex items-center gap-3 px-4 py-2">
          <Icon name={section.icon} className="size-4 text-ink-3" />
          <Link to={section.to} className="tap grow font-medium after:absolute after:inset-0">
            {section.label}
          </Link>
          <Icon name="chevron" className="size-4 text-ink-3" />
        </li>
      ))}
    </ul>
  );
}
