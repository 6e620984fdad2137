/** Asks the server about the form while the person types. It must not block saving; saving validates again. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { toApiError } from "@/api/errors";
import type { CreatePipelineRequest } from "@/api/types";
import { Icon } from "@/components/ui";
import { useDebounced } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";

const TYPING_MS = 300;
const words = t.pipelines.form;

export function LiveCheck({ request }: { request: CreatePipelineRequest }) {
  const runtime = useRuntime();
  const { name: _, ...config } = request;
  const typed = JSON.stringify(config);
  const settled = useDebounced(typed, TYPING_MS);
  const check = useQuery({
    queryKey: runtime.key("pipeline-check", settled),
    queryFn: ({ signal }) =>
      runtime.api.post("/v1/pipelines/validate", { body: JSON.parse(settled), signal }),
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  });
  const pending = check.isFetching || typed !== settled;
  return (
    <aside aria-label={words.validation} className="card flex flex-col gap-2 p-4 lg:sticky lg:top-16">
      <div role="status" className="flex flex-col gap-2">
        {check.data?.valid && (
          <p className="flex items-start gap-2 text-passed">
            <Icon name="passed" className="mt-0.5 size-4" />
            {words.valid}
          </p>
        )}
        {check.data && !check.data.valid && (
          <>
            <p className="flex items-start gap-2 font-medium text-failed">
              <Icon name="octagon" className="mt-0.5 size-4" />
              {words.invalid}
            </p>
            <ul className="list-disc ps-5">
              {check.data.errors.map((error) => (
                <li key={error}>{error}</li>
              ))}
            </ul>
          </>
        )}
        {check.error && <p className="text-ink-2">{toApiError(check.error).message}</p>}
        {pending && !check.data && <p className="text-ink-3">{words.checking}</p>}
      </div>
    </aside>
  );
}
