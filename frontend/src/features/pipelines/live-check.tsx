/** Asks the server about the settings while the person types. It must not block saving; saving validates again. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { toApiError } from "@/api/errors";
import type { ValidatePipelineRequest } from "@/api/types";
import { Icon } from "@/components/ui";
import { useDebounced } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { pipelineForm } from "@/messages/en/pipeline-form";
import { pipelineYaml } from "@/messages/en/pipeline-yaml";
import { checkQuery } from "./check";

const TYPING_MS = 300;
const words = pipelineForm;

export type Check = ReturnType<typeof useLiveCheck>;

export function useLiveCheck(request: ValidatePipelineRequest) {
  const typed = JSON.stringify(request);
  const settled = useDebounced(typed, TYPING_MS);
  const asked: ValidatePipelineRequest = JSON.parse(settled);
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    ...checkQuery(useRuntime(), asked),
    placeholderData: keepPreviousData,
  });
  const isCurrent = typed === settled && !isPlaceholderData;
  return { data, error, asked, isCurrent, pending: isFetching || typed !== settled };
}

/** What is wrong with the text is said beside its lines, so it is only counted here. */
export function LiveCheck({ check: { data, error, pending, asked } }: { check: Check }) {
  const isText = asked.repository_yaml !== undefined;
  const inText = isText ? (data?.diagnostics ?? []).filter(({ line }) => line) : [];
  const others = (data?.diagnostics ?? []).flatMap(({ line }, index) =>
    isText && line ? [] : (data?.errors[index] ?? []),
  );
  return (
    <aside aria-label={words.validation} className="card flex flex-col gap-2 p-4">
      <div role="status" className="flex flex-col gap-2">
        {data?.valid && (
          <p className="flex items-start gap-2 text-passed">
            <Icon name="passed" className="mt-0.5 size-4" />
            {words.valid}
          </p>
        )}
        {data && !data.valid && (
          <>
            <p className="flex items-start gap-2 font-medium text-failed">
              <Icon name="octagon" className="mt-0.5 size-4" />
              {words.invalid}
            </p>
            <ul className="list-disc ps-5">
              {inText.length > 0 && <li>{pipelineYaml.inText(inText.length)}</li>}
              {others.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </>
        )}
        {error && <p className="text-ink-2">{toApiError(error).message}</p>}
        {pending && !data && <p className="text-ink-3">{words.checking}</p>}
      </div>
    </aside>
  );
}
