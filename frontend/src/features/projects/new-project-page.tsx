/**
 * New project: choose a folder of this machine or, where code hosts are connected, a repository; name it, choose among the
 * pipelines that fit it, and make all of it at once. It must not create pipelines unasked.
 */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, lazy, type ReactNode, Suspense, useRef, useState } from "react";
import type { CreatePipelineRequest } from "@/api/types";
import { Page } from "@/components/shell";
import {
  Button,
  DeniedState,
  Field,
  FormError,
  Input,
  LeaveGuard,
  QueryView,
  useToasts,
} from "@/components/ui";
import { useCan, useRuntimeMode } from "@/lib/capabilities";
import { useDraft } from "@/lib/draft";
import { useFocusFirstError, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { t } from "@/messages";
import { projectForm as words } from "@/messages/en/project-form";
import { FolderPicker } from "./folder-picker";
import { type PickedRepository, RepositoryPicker } from "./repository-picker";

const PipelineProposals = lazy(() => import("@/components/projects/pipeline-proposals"));

type Value = { path: string; repository: PickedRepository | null; name: string; branch: string };

const EMPTY: Value = { path: "", repository: null, name: "", branch: "" };
const PARENTS = [{ label: t.projects.title, to: { to: "/projects" } }] as const;

/** `q` is the text that repositories are searched for. */
type Props = { q: string | undefined; onQ: (text: string | undefined) => void };

export function NewProjectPage(props: Props) {
  const can = useCan();
  const query = useQuery(bootstrapQuery(useRuntime()));
  return (
    <Page title={words.title} parents={[...PARENTS]}>
      <QueryView query={query} name={words.title}>
        {() => (can("projects.write") ? <NewProject {...props} /> : <DeniedState />)}
      </QueryView>
    </Page>
  );
}

function NewProject({ q, onQ }: Props) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const router = useRouter();
  const draft = useDraft<Value>(`${runtime.instance.id}.new-project`, EMPTY);
  const submission = useSubmission();
  const mode = useRuntimeMode();
  const { path, repository, name, branch } = draft.value;
  const source = repository?.name ?? path;
  const place = repository ? { repository_id: repository.id } : { local_repository_path: path };
  const [pipelines, setPipelines] = useState<CreatePipelineRequest[] | null>(null);
  const [done, setDone] = useState(false);
  function create() {
    return submission.run(async () => {
      const body = {
        name: name.trim(),
        ...place,
        default_branch: branch.trim() || undefined,
        ...(pipelines?.length && { pipelines }),
      };
      const { project } = await runtime.api.post("/v1/projects", { body });
      setDone(true);
      draft.discard();
      await cache.invalidateQueries({ queryKey: runtime.key("projects") });
      toast(words.created(project.name));
      await router.navigate({
        to: "/projects/$projectId",
        params: { projectId: project.id },
        ignoreBlocker: true,
      });
    });
  }
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      <LeaveGuard dirty={draft.dirty && !done} />
      {source && <Chosen source={source} onChange={() => draft.change({ path: "", repository: null })} />}
      {!source && mode === "remote" && (
        <RepositoryPicker
          q={q}
          onQ={onQ}
          onPick={(picked) => draft.change({ repository: picked, name: name || lastSegment(picked.name) })}
        />
      )}
      {!source && mode === "local" && (
        <section aria-label={words.folder} className="card flex flex-col gap-3 p-4">
          <p className="text-ink-2">{words.folderHelp}</p>
          <FolderPicker
            onPick={(picked) => draft.change({ path: picked, name: name || lastSegment(picked) })}
          />
        </section>
      )}
      {source && (
        <Details
          value={draft.value}
          onChange={draft.change}
          wait={pipelines ? null : words.looking}
          submission={submission}
          onSubmit={() => void create()}
        >
          <Suspense fallback={null}>
            <PipelineProposals key={source} place={place} branch={branch} onChosen={setPipelines} />
          </Suspense>
        </Details>
      )}
    </div>
  );
}

function Chosen({ source, onChange }: { source: string; onChange: () => void }) {
  return (
    <div className="card flex flex-wrap items-center gap-3 px-4 py-3">
      <div className="min-w-0 grow">
        <p className="text-sm text-ink-3">{words.chosen}</p>
        <p className="font-mono text-sm break-all">{source}</p>
      </div>
      <Button onClick={onChange}>{words.change}</Button>
    </div>
  );
}

type DetailsProps = {
  value: Value;
  onChange: (patch: Partial<Value>) => void;
  /** Why it can't be made yet. */
  wait: string | null;
  submission: ReturnType<typeof useSubmission>;
  onSubmit: () => void;
  children: ReactNode;
};

function Details({ value, onChange, wait, submission, onSubmit, children }: DetailsProps) {
  const form = useRef<HTMLFormElement>(null);
  const [missing, setMissing] = useState(false);
  useFocusFirstError(form, submission.error ?? missing);
  function submit(event: FormEvent) {
    event.preventDefault();
    const empty = value.name.trim() === "";
    setMissing(empty);
    if (!empty && !wait) onSubmit();
  }
  return (
    <form ref={form} onSubmit={submit} className="card flex flex-col gap-4 p-4" noValidate>
      <Field
        label={words.name}
        help={words.nameHelp}
        error={missing ? t.form.required : submission.errorOf("name")}
      >
        <Input
          value={value.name}
          onChange={(event) => onChange({ name: event.target.value })}
          required
          autoComplete="off"
        />
      </Field>
      <Field
        label={t.projects.branch}
        help={words.branchHelp}
        optional
        error={submission.errorOf("default_branch")}
      >
        <Input
          value={value.branch}
          onChange={(event) => onChange({ branch: event.target.value })}
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      {children}
      <FormError error={submission.error} />
      <div>
        <Button type="submit" variant="primary" pending={submission.pending} disabledReason={wait}>
          {words.submit}
        </Button>
      </div>
    </form>
  );
}

function lastSegment(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
}
