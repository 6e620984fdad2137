/** The variables of a project or a pipeline: list, add, replace, delete. Who may not change them sees the list only. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Project, Variable } from "@/api/types";
import {
  Badge,
  Button,
  EmptyState,
  onRequest,
  QueryView,
  Section,
  SkeletonRows,
  TimeAgo,
} from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { t } from "@/messages";
import { variables as words } from "@/messages/en/variables";
import { type Scope, variablesQuery } from "./scope";

const VariableDialog = onRequest(() => import("./variable-dialog"));
const DeleteDialog = onRequest(() => import("./delete-dialog"));

type Props = { project: Project; pipelineId?: string };

export function VariablesSection({ project, pipelineId }: Props) {
  const scope = { projectId: project.id, pipelineId };
  const query = useQuery(variablesQuery(useRuntime(), scope));
  const mayChange = projectAllows(project, "write");
  const [adding, setAdding] = useState(false);
  // Without the list nobody would be warned that a name is taken.
  const add = mayChange && query.data && (
    <Button icon="add" onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Section title={words.title} actions={add}>
      <QueryView query={query} name={words.name} skeleton={<SkeletonRows rows={2} />}>
        {({ variables }) =>
          variables.length > 0 ? (
            <List scope={scope} variables={variables} mayChange={mayChange} />
          ) : (
            <EmptyState icon="denied" title={words.emptyTitle}>
              <p>{words.emptyText}</p>
            </EmptyState>
          )
        }
      </QueryView>
      <p className="text-sm text-ink-3">
        {pipelineId ? words.ofPipeline : words.ofProject} {!mayChange && words.readOnly}
      </p>
      {adding && (
        <VariableDialog
          scope={scope}
          taken={query.data?.variables.map(({ name }) => name) ?? []}
          onClose={() => setAdding(false)}
        />
      )}
    </Section>
  );
}

type ListProps = { scope: Scope; variables: Variable[]; mayChange: boolean };
type Asking = { what: "replace" | "delete"; variable: Variable } | null;

function List({ scope, variables, mayChange }: ListProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => setAsking(null);
  return (
    <>
      <ul aria-label={words.title} className="card divide-y divide-line">
        {variables.map((variable) => (
          <li key={variable.name} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
            <div className="flex min-w-0 flex-1 basis-56 flex-col gap-0.5">
              <span className="flex flex-wrap items-center gap-2">
                <code className="font-mono font-medium break-all">{variable.name}</code>
                <Badge tone={variable.kind === "plain" ? "queued" : "warning"}>
                  {words.kinds[variable.kind]}
                </Badge>
              </span>
              <Stored variable={variable} />
            </div>
            {mayChange && (
              <span className="flex gap-1">
                <Button
                  variant="ghost"
                  aria-label={words.replaceLabel(variable.name)}
                  onClick={() => setAsking({ what: "replace", variable })}
                >
                  {words.replace}
                </Button>
                <Button
                  variant="ghost"
                  aria-label={words.deleteLabel(variable.name)}
                  onClick={() => setAsking({ what: "delete", variable })}
                >
                  {t.action.delete}
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {asking?.what === "replace" && (
        <VariableDialog scope={scope} former={asking.variable} taken={[]} onClose={close} />
      )}
      {asking?.what === "delete" && (
        <DeleteDialog scope={scope} name={asking.variable.name} onClose={close} />
      )}
    </>
  );
}

/** The value where it may be seen, and who set it when. */
function Stored({ variable }: { variable: Variable }) {
  return (
    <div className="min-w-0 text-sm text-ink-3">
      {variable.value != null && (
        <code className="block truncate font-mono text-ink-2" title={variable.value}>
          {variable.value}
        </code>
      )}
      {variable.value == null && `${words.stored}, `}
      {words.changed} <TimeAgo at={variable.updated_at} />{" "}
      {variable.updated_by && words.by(variable.updated_by)}
    </div>
  );
}
