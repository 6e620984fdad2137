/** The insights of the whole instance, as far as the person sees it. */
import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/shell";
import { DeniedState } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { insights as words } from "@/messages/en/insights";
import { InsightsView, type OnSearch } from "./insights-view";
import type { InsightsSearch } from "./search";

export function InsightsPage(props: { search: InsightsSearch; onSearch: OnSearch }) {
  const can = useCan();
  const known = useQuery(bootstrapQuery(useRuntime())).isSuccess;
  return (
    <Page title={words.title}>
      {known && !can("builds.write") ? <DeniedState /> : <InsightsView {...props} />}
    </Page>
  );
}
