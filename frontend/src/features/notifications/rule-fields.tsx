/** What a channel tells of: which events, of which projects, branches and person. Nothing chosen lets everything through. */
import { useQuery } from "@tanstack/react-query";
import { Choice, ChoiceGroup, Field, QueryView, Select, Textarea } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { projectsQuery, usersQuery } from "@/lib/queries";
import { notifications } from "@/messages/en/notifications";
import type { Value } from "./value";

const words = notifications.form;
const EVENTS = [
  "failed",
  "fixed",
  "succeeded",
  "timed_out",
  "canceled",
  "expired",
  "runner_offline",
] as const;

type Props = {
  value: Value;
  errorOf: (field: string) => string | null;
  onValue: (patch: Partial<Value>) => void;
};

export function RuleFields({ value, errorOf, onValue }: Props) {
  return (
    <>
      <ChoiceGroup label={words.eventsLabel}>
        {EVENTS.map((event) => (
          <Choice
            key={event}
            kind="checkbox"
            label={notifications.events[event]}
            checked={value.events.includes(event)}
            onChange={({ target }) => onValue({ events: toggled(value.events, event, target.checked) })}
          />
        ))}
      </ChoiceGroup>
      <p className="-mt-3 text-sm text-ink-3">{words.eventsHelp}</p>
      <Projects
        chosen={value.projects}
        error={errorOf("rules.project_ids")}
        onChosen={(projects) => onValue({ projects })}
      />
      <Field label={words.branches} help={words.branchesHelp} optional error={errorOf("rules.branches")}>
        <Textarea
          rows={2}
          spellCheck={false}
          className="font-mono"
          value={value.branches}
          onChange={(event) => onValue({ branches: event.target.value })}
        />
      </Field>
      <PersonField
        person={value.person}
        error={errorOf("rules.person_id")}
        onPerson={(person) => onValue({ person })}
      />
    </>
  );
}

function toggled<T>(list: readonly T[], item: T, on: boolean): T[] {
  return on ? [...list, item] : list.filter((one) => one !== item);
}

type ProjectsProps = {
  chosen: readonly string[];
  error: string | null;
  onChosen: (ids: string[]) => void;
};

/** Those that are chosen and gone meanwhile are shown too: a channel of theirs alone tells of nothing. */
function Projects({ chosen, error, onChosen }: ProjectsProps) {
  const query = useQuery(projectsQuery(useRuntime(), { limit: 200, sort: "name", direction: "asc" }));
  return (
    <QueryView query={query} name={words.projects}>
      {({ projects }) => {
        const unlisted = chosen.filter((id) => !projects.some((project) => project.id === id));
        const choices = [...projects, ...unlisted.map((id) => ({ id, name: words.unlistedProject }))];
        return (
          <div className="flex flex-col gap-1">
            <ChoiceGroup label={words.projects} error={error}>
              {choices.map(({ id, name }) => (
                <Choice
                  key={id}
                  kind="checkbox"
                  label={name}
                  checked={chosen.includes(id)}
                  onChange={({ target }) => onChosen(toggled(chosen, id, target.checked))}
                />
              ))}
            </ChoiceGroup>
            <p className="text-sm text-ink-3">
              {choices.length === 0 ? words.noProjects : words.allProjects}
            </p>
          </div>
        );
      }}
    </QueryView>
  );
}

type PersonProps = { person: string; error: string | null; onPerson: (id: string) => void };

function PersonField({ person, error, onPerson }: PersonProps) {
  const runtime = useRuntime();
  const mayRead = useCan()("users.read");
  const { data } = useQuery({ ...usersQuery(runtime, { limit: 100 }), enabled: mayRead });
  if (!mayRead) return null;
  const users = data?.users ?? [];
  const isUnknown = person !== "" && !users.some(({ id }) => id === person);
  return (
    <Field label={words.person} error={error}>
      <Select className="max-w-80" value={person} onChange={({ target }) => onPerson(target.value)}>
        <option value="">{words.anybody}</option>
        {isUnknown && <option value={person}>{data ? words.unlistedPerson : "…"}</option>}
        {users.map(({ id, email }) => (
          <option key={id} value={id}>
            {email}
          </option>
        ))}
      </Select>
    </Field>
  );
}
