/** Says what the runners lack for Flutter builds and how to get it. Silent when all is well or nothing is known. */
import { useQuery } from "@tanstack/react-query";
import { Banner, CopyLine } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { runnersQuery } from "@/lib/queries";
import { isMacOs, isOnline, toolState } from "@/lib/runner-facts";
import { t } from "@/messages";

const words = t.home.tools;

export function RunnerNotice() {
  const can = useCan();
  const { data } = useQuery({ ...runnersQuery(useRuntime(), { limit: 100 }), enabled: can("runners.read") });
  if (!data) return null;
  const online = data.runners.filter(isOnline);
  if (online.length === 0) {
    return (
      <Banner tone="warning" title={words.noRunnerTitle}>
        <p>{words.noRunnerText}</p>
      </Banner>
    );
  }
  const flutter = toolState(data.runners, "flutter");
  const fvm = toolState(data.runners, "fvm");
  if (fvm !== "missing") return null;
  const noFlutter = flutter !== "present";
  return (
    <Banner tone={noFlutter ? "warning" : "info"} title={noFlutter ? words.flutterTitle : words.fvmTitle}>
      <p>{noFlutter ? words.flutterText : words.fvmText}</p>
      <p>{words.installFvm}</p>
      <CopyLine
        text={online.some((runner) => isMacOs(runner.capabilities.os)) ? words.brewCommand : words.fvmCommand}
      />
    </Banner>
  );
}
