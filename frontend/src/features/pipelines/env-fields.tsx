/** Environment variables as rows of name and value. Values are never kept in drafts. */
import { Button, IconButton } from "@/components/ui";
import { pipelineForm } from "@/messages/en/pipeline-form";
import { Fieldset } from "./fieldset";
import type { EnvRow } from "./form-value";
import type { FieldsProps } from "./pipeline-form";

const words = pipelineForm;

export function EnvFields({ value, change, errorOf }: FieldsProps) {
  const error = errorOf("env");
  const set = (id: number, patch: Partial<EnvRow>) =>
    change({ env: value.env.map((row) => (row.id === id ? { ...row, ...patch } : row)) });
  const add = () => change({ env: [...value.env, { id: nextId(value.env), key: "", value: "" }] });
  return (
    <Fieldset title={words.env} help={words.envHelp}>
      {value.env.length > 0 && (
        <ul className="flex flex-col gap-2">
          {value.env.map((row, index) => (
            <li key={row.id} className="flex flex-wrap items-center gap-2 sm:flex-nowrap">
              <input
                aria-label={words.envKey(index + 1)}
                aria-invalid={error ? true : undefined}
                placeholder={words.envKeyColumn}
                value={row.key}
                onChange={(event) => set(row.id, { key: event.target.value })}
                autoComplete="off"
                spellCheck={false}
                className="control min-w-0 grow basis-32 font-mono text-sm aria-invalid:border-failed"
              />
              <input
                aria-label={words.envValue(index + 1)}
                placeholder={words.envValueColumn}
                value={row.value}
                onChange={(event) => set(row.id, { value: event.target.value })}
                autoComplete="off"
                spellCheck={false}
                className="control min-w-0 grow-[2] basis-40 font-mono text-sm"
              />
              <IconButton
                icon="close"
                label={words.envRemove(row.key || String(index + 1))}
                onClick={() => change({ env: value.env.filter((item) => item.id !== row.id) })}
              />
            </li>
          ))}
        </ul>
      )}
      {error && <p className="text-sm text-failed">{error}</p>}
      <div>
        <Button icon="add" onClick={add}>
          {words.envAdd}
        </Button>
      </div>
    </Fieldset>
  );
}

function nextId(rows: EnvRow[]): number {
  return Math.max(0, ...rows.map((row) => row.id)) + 1;
}
