/** An error of signing in or setting up in words. Fetched by ./trouble; nobody else may import it. */
import type { ApiError } from "@/api/errors";
import type { ProviderAnswer } from "@/lib/arrival";
import { type Context, explain, explainProvider } from "./explain";

export type ExplainedProps = Context & { reason: ApiError | ProviderAnswer };

export default function Explained({ reason, ...context }: ExplainedProps) {
  const isError = reason instanceof Error;
  const { cause, next, reason: detail } = isError ? explain(reason, context) : explainProvider(reason);
  const said = isError
    ? detail && reason.message
    : [reason.error, reason.description].filter(Boolean).join(": ");
  return (
    <>
      <p>{cause}</p>
      {next && <p>{next}</p>}
      {said && <p className="font-mono text-sm break-words text-ink-2">{said}</p>}
    </>
  );
}
