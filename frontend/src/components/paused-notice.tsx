/** Says that no build starts, and why, to those who may see the instance's settings. Others read it at the builds that wait. */
import { useQuery } from "@tanstack/react-query";
import { Banner, ButtonLink } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { preferencesQuery } from "@/lib/preferences";
import { t } from "@/messages";

export function PausedNotice() {
  const enabled = useCan()("instance_settings.read");
  const { data } = useQuery({ ...preferencesQuery(useRuntime()), enabled });
  if (!data?.preferences.direct_macos_runner_paused) return null;
  return (
    <Banner
      tone="warning"
      title={t.paused.title}
      actions={<ButtonLink to="/settings/general">{t.shell.settings}</ButtonLink>}
    >
      <p className="wrap-anywhere">{data.preferences.pause_reason ?? t.paused.text}</p>
    </Banner>
  );
}
