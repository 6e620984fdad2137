/** Connecting a code host: which one, then its form. What is typed survives the way there and back; secrets are not kept. */
import { useQuery } from "@tanstack/react-query";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { type Crumb, Page } from "@/components/shell";
import { LocalModeState } from "@/components/sources";
import { DeniedState, QueryView, RadioGroup } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { connect as words } from "@/messages/en/connect";
import { sourceNames as names } from "@/messages/en/source-names";
import { GitHubForm } from "./github-form";
import { GitLabForm } from "./gitlab-form";

const PARENTS: Crumb[] = [...SETTINGS_PARENTS, { label: names.title, to: { to: "/settings/integrations" } }];
const HOSTS = (["github", "gitlab"] as const).map((value) => ({
  value,
  ...words.options[value],
}));

type CodeHost = "github" | "gitlab";

type Props = { host: CodeHost; onHost: (host: CodeHost) => void };

export function ConnectPage({ host, onHost }: Props) {
  const query = useQuery(bootstrapQuery(useRuntime()));
  return (
    <SettingsFrame>
      <Page title={names.connect} parents={PARENTS}>
        <QueryView query={query} name={names.connect}>
          {({ capabilities, instance }) => {
            if (!capabilities.includes("integrations.write")) return <DeniedState />;
            if (instance.runtime_mode === "local") return <LocalModeState />;
            return (
              <div className="flex max-w-2xl flex-col gap-5">
                <RadioGroup label={words.which} options={HOSTS} value={host} onValue={onHost} />
                {host === "github" ? <GitHubForm /> : <GitLabForm />}
              </div>
            );
          }}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}
