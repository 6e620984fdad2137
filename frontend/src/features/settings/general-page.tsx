/** Facts about the instance, and holding builds back. How people sign in is on the page for access. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { InstancePreferences } from "@/api/types";
import { SETTINGS_PARENTS, SettingsFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { Banner, CopyButton, Fact, Facts, HoldButton, QueryView, Section, useToasts } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { preferencesQuery } from "@/lib/preferences";
import { bootstrapQuery } from "@/lib/queries";
import { wayOf } from "@/lib/ways";
import { t } from "@/messages";
import { general as words } from "@/messages/en/general";
import { settings } from "@/messages/later";

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
  const isPaused = preferences.direct_macos_runner_paused;
  return (
    <Section title={words.builds}>
      {isPaused ? (
        <Banner tone="warning" title={t.paused.title}>
          <p className="wrap-anywhere">{preferences.pause_reason ?? t.paused.text}</p>
        </Banner>
      ) : (
        <p className="text-ink-2">{words.goesOn}</p>
      )}
      <PauseButton preferences={preferences} isPaused={isPaused} />
    </Section>
  );
}

function PauseButton({ preferences, isPaused }: { preferences: InstancePreferences; isPaused: boolean }) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const can = useCan();
  async function set(paused: boolean, reason?: string) {
    const { key_storage_mode } = preferences;
    const body = { key_storage_mode, direct_macos_runner_paused: paused, pause_reason: reason };
    const answer = await runtime.api.put("/v1/settings/preferences", { body });
    cache.setQueryData(preferencesQuery(runtime).queryKey, answer);
    toast(paused ? words.nowPaused : words.nowRunning);
  }
  if (!can("instance_settings.write")) return null;
  return (
    <div>
      <HoldButton
        isHeld={isPaused}
        words={{
          hold: words.pause,
          resume: words.resume,
          title: words.pause,
          text: words.pauseText,
          help: words.pauseHelp,
        }}
        onHold={(reason) => set(true, reason)}
        onResume={() => set(false)}
      />
    </div>
  );
}
