/** Adding a member: search among the people who are none yet, then a role in the project. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { ProjectMemberCandidate, ProjectRole } from "@/api/types";
import {
  Dialog,
  DialogActions,
  Field,
  FormError,
  Input,
  QueryView,
  RadioGroup,
  useToasts,
} from "@/components/ui";
import { useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { members } from "@/messages/en/members";
import { roles } from "@/messages/later";
import { candidatesQuery, matching, membersQuery, PROJECT_ROLES } from "./members";

const words = members.add;
const SHOWN = 8;

export function AddMemberDialog({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const formId = useId();
  const query = useQuery(candidatesQuery(runtime, projectId));
  const [chosen, setChosen] = useState<ProjectMemberCandidate | null>(null);
  const [role, setRole] = useState<ProjectRole>("developer");
  const [missing, setMissing] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    setMissing(chosen === null);
    if (!chosen) return;
    void submission.run(async () => {
      await runtime.api.post("/v1/projects/{project_id}/members", {
        path: { project_id: projectId },
        body: { user_id: chosen.id, role },
      });
      onClose();
      toast(words.done(chosen.email));
      await cache.invalidateQueries({ queryKey: membersQuery(runtime, projectId).queryKey });
    });
  }
  const footer = (
    <DialogActions form={formId} label={words.submit} pending={submission.pending} onCancel={onClose} />
  );
  return (
    <Dialog title={words.title} onClose={onClose} footer={footer}>
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4" noValidate>
        <QueryView query={query} name={words.name}>
          {({ candidates }) => (
            <Candidates
              candidates={candidates}
              chosen={chosen}
              error={missing ? words.whoMissing : null}
              onChosen={(candidate) => {
                setChosen(candidate);
                setMissing(false);
              }}
            />
          )}
        </QueryView>
        <RadioGroup
          label={words.role}
          options={PROJECT_ROLES.map((name) => ({
            value: name,
            label: roles.project[name],
            text: roles.projectText[name],
          }))}
          value={role}
          onValue={setRole}
        />
        {chosen?.role === "qa_viewer" && role !== "viewer" && (
          <p className="text-sm text-ink-2" role="status">
            {members.capped}
          </p>
        )}
        <FormError error={submission.error} />
      </form>
    </Dialog>
  );
}

type Props = {
  candidates: ProjectMemberCandidate[];
  chosen: ProjectMemberCandidate | null;
  error: string | null;
  onChosen: (candidate: ProjectMemberCandidate) => void;
};

function Candidates({ candidates, chosen, error, onChosen }: Props) {
  const [text, setText] = useState("");
  if (candidates.length === 0) return <p className="text-ink-2">{words.none}</p>;
  const found = matching(candidates, text);
  const shown = found.slice(0, SHOWN);
  return (
    <div className="flex flex-col gap-3">
      <Field label={words.search}>
        <Input
          type="search"
          placeholder={words.searchPlaceholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <div aria-live="polite">
        <RadioGroup
          label={words.who}
          error={error}
          options={shown.map((candidate) => ({
            value: candidate.id,
            label: candidate.display_name ?? candidate.email,
            text: `${candidate.display_name ? `${candidate.email} · ` : ""}${roles.instance[candidate.role]}`,
          }))}
          value={chosen?.id ?? null}
          onValue={(id) => {
            const candidate = shown.find((one) => one.id === id);
            if (candidate) onChosen(candidate);
          }}
        >
          {found.length === 0 && <p className="text-ink-2">{words.noMatch}</p>}
          {found.length > SHOWN && <p className="text-sm text-ink-3">{words.more(found.length - SHOWN)}</p>}
        </RadioGroup>
      </div>
    </div>
  );
}
