/** Facts about the instance, and holding builds back. How people sign in is on the page for access. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { InstancePreferences } from "@/api/types";
import { preferencesQuery, SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Choice, CopyButton, Fact, Facts, QueryView, Section, toast, toastError } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { wayOf } from "@/lib/ways";
import { settings } from "@/messages/later";

const words = settings.general;

export function GeneralPage() {
  const query = useQuery(preferencesQuery(useRuntime()));
  return (
    <SettingsFrame>
      <Page title={words.title} parents={SETTINGS_PARENTS}>
        <QueryView query={query} name={words.name}>
          {({ preferences }) => (
            <div className="flex max-w-3xl flex-col gap-8">
              <Instance preferences={preferences} />
              <Builds preferences={preferences} />
            </div>
          )}
        </QueryView>
      </Page>
    </SettingsFrame>
  );
}

function Instance({ preferences }: { preferences: InstancePreferences }) {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  const instance = data?.instance;
  return (
    <Section title={words.instance}>
      <Facts>
        {instance && <Fact name={words.version}>{instance.version}</Fact>}
        {instance && (
          <Fact name={words.id}>
            <span className="flex items-center gap-1">
              <code className="font-mono text-sm break-all">{instance.id}</code>
              <CopyButton text={instance.id} />
            </span>
          </Fact>
        )}
        {instance && <Fact name={words.address}>{instance.public_url ?? words.noAddress}</Fact>}
        <Fact name={words.mode}>{settings.ways[wayOf(preferences)]}</Fact>
        <Fact name={words.keys}>{words.keyModes[preferences.key_storage_mode]}</Fact>
      </Facts>
    </Section>
  );
}

function Builds({ preferences }: { preferences: InstancePreferences }) {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const can = useCan();
  const [wanted, setWanted] = useState<boolean | null>(null);
  const paused = wanted ?? preferences.direct_macos_runner_paused;
  async function change(next: boolean) {
    setWanted(next);
    try {
      const body = {
        key_storage_mode: preferences.key_storage_mode,
        direct_macos_runner_paused: next,
      };
      const answer = await runtime.api.put("/v1/settings/preferences", { body });
      cache.setQueryData(preferencesQuery(runtime).queryKey, answer);
      toast(next ? words.nowPaused : words.nowRunning);
    } catch (cause) {
      toastError(cause);
    }
    setWanted(null);
  }
  if (!can("instance_settings.write")) return null;
  return (
    <Section title={words.builds}>
      <div className="card p-4">
        <Choice
          kind="switch"
          label={words.paused}
          text={words.pausedText}
          checked={paused}
          onChange={(event) => void change(event.target.checked)}
        />
      </div>
    </Section>
  );
}
