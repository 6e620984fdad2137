/** Says over every page that what the person may do is not known: what needs a right is missing until it is. */
import { useQuery } from "@tanstack/react-query";
import { Banner, Button } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { t } from "@/messages";

export function RightsBanner() {
  const { data, isFetched, refetch } = useQuery(bootstrapQuery(useRuntime()));
  if (data || !isFetched) return null;
  return (
    <div className="px-4 pt-4 sm:px-6">
      <Banner
        tone="warning"
        title={t.shell.noRights}
        actions={<Button onClick={() => void refetch()}>{t.action.retry}</Button>}
      >
        <p>{t.shell.noRightsText}</p>
      </Banner>
    </div>
  );
}
