/**
 * What a repository holds: its Flutter roots and pipeline files, and the pipelines that fit them, to choose from. It must not
 * create anything; whoever shows it is told what is chosen.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { CreatePipelineRequest, DetectedProject, FlutterRoot, PipelineProposal } from "@/api/types";
import { Choice, QueryView } from "@/components/ui";
import { useDebounced } from "@/lib/debounce";
import { useRuntime } from "@/lib/instances/current";
import { detection as words } from "@/messages/en/detection";

const TYPING_MS = 600;

/** Where the code is. */
export type Place = { repository_id?: string; local_repository_path?: string };

type Props = {
  place: Place;
  /** Empty for the repository's own. */
  branch: string;
  /** Of its heading, below that of what it is part of. */
  level?: 2 | 3;
  /** Null while it is not known what the branch holds. */
  onChosen: (pipelines: CreatePipelineRequest[] | null) => void;
};

export default function PipelineProposals({ place, branch, level = 2, onChosen }: Props) {
  const Heading = `h${level}` as const;
  const runtime = useRuntime();
  const settled = useDebounced(branch.trim(), TYPING_MS);
  const body = { ...place, branch: settled || undefined };
  const query = useQuery({
    queryKey: runtime.key("detection", body),
    queryFn: ({ signal }) => runtime.api.post("/v1/projects/detect", { body, signal }),
    staleTime: 60_000,
  });
  const isTyping = settled !== branch.trim();
  const { data, isFetched } = query;
  useEffect(() => {
    // Without an answer nothing is proposed; whether there will be one is open only at first.
    if (isTyping || !data) onChosen(isTyping || !isFetched ? null : []);
  }, [isTyping, data, isFetched, onChosen]);
  // What is no longer shown is not to be made.
  useEffect(() => () => onChosen(null), [onChosen]);
  return (
    <section aria-label={words.title} className="flex flex-col gap-3 border-t border-line pt-4">
      <Heading className="text-base font-semibold">{words.title}</Heading>
      <QueryView query={query} name={words.name}>
        {(found) => <Proposals key={found.commit_sha} found={found} isOld={isTyping} onChosen={onChosen} />}
      </QueryView>
      {query.isError && <p className="text-sm text-ink-3">{words.later}</p>}
    </section>
  );
}

type ProposalsProps = {
  found: DetectedProject;
  /** Another branch has been typed. */
  isOld: boolean;
  onChosen: Props["onChosen"];
};

function Proposals({ found, isOld, onChosen }: ProposalsProps) {
  const { proposals, roots, problems, truncated } = found;
  const [chosen, setChosen] = useState(() => proposals.map((one) => one.suggested));
  useEffect(() => {
    if (!isOld) onChosen(proposals.filter((_, at) => chosen[at]).map((one) => one.pipeline));
  }, [isOld, proposals, chosen, onChosen]);
  const listed = (of: (one: PipelineProposal) => boolean) =>
    proposals.map((proposal, at) => ({ proposal, at })).filter(({ proposal }) => of(proposal));
  const choices = (of: (one: PipelineProposal) => boolean) =>
    listed(of).map(({ proposal, at }) => (
      <ProposalChoice
        key={`${proposal.pipeline.name} ${proposal.pipeline.config_path ?? ""}`}
        proposal={proposal}
        errors={errorsOf(found, proposal)}
        checked={chosen[at] ?? false}
        onChange={(checked) => setChosen(chosen.map((was, other) => (other === at ? checked : was)))}
      />
    ));
  const ofFiles = choices((one) => !one.kind);
  return (
    <>
      <p className="text-ink-2">{proposals.length > 0 ? words.text : words.none}</p>
      {ofFiles.length > 0 && <Group title={words.files}>{ofFiles}</Group>}
      {roots.map((root) => (
        <Group key={root.path} title={titleOf(root)} facts={factsOf(root)}>
          {choices((one) => one.root === root.path)}
        </Group>
      ))}
      {problems.length > 0 && (
        <details>
          <summary className="tap cursor-pointer text-sm text-ink-2">{words.problems}</summary>
          <ul className="mt-1 list-disc ps-5 text-sm break-words text-ink-2">
            {problems.map(({ path, message }) => (
              <li key={path}>{`${path}: ${message}`}</li>
            ))}
          </ul>
        </details>
      )}
      {truncated && <p className="text-sm text-ink-3">{words.truncated}</p>}
      <p aria-live="polite" className="text-sm text-ink-3">
        {words.chosen(chosen.filter(Boolean).length)}
      </p>
    </>
  );
}

type GroupProps = { title: string; facts?: string; children: React.ReactNode };

function Group({ title, facts, children }: GroupProps) {
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium break-all">{title}</legend>
      {facts && <p className="text-sm break-words text-ink-3">{facts}</p>}
      <div className="mt-2 flex flex-col gap-3">{children}</div>
    </fieldset>
  );
}

type ChoiceProps = {
  proposal: PipelineProposal;
  errors: string[];
  checked: boolean;
  onChange: (checked: boolean) => void;
};

function ProposalChoice({ proposal, errors, checked, onChange }: ChoiceProps) {
  return (
    <div>
      <Choice
        kind="checkbox"
        label={proposal.pipeline.name}
        text={saidOf(proposal)}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      {errors.length > 0 && (
        <ul className="ms-8 text-sm break-words text-failed">
          {errors.map((error) => (
            <li key={error}>{error}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The commands of settings, or the file that is followed. */
function saidOf({ kind, pipeline }: PipelineProposal): string {
  if (!kind) return words.follows(pipeline.config_path ?? "");
  const config = pipeline.execution_config;
  const { android, ios, macos } = config?.platform_commands ?? {};
  return [...(config?.commands.build ?? []), android, ios, macos].filter(Boolean).join(" · ");
}

function errorsOf(found: DetectedProject, { kind, pipeline }: PipelineProposal): string[] {
  const file = kind ? undefined : found.workflows.find((one) => one.path === pipeline.config_path);
  return file?.errors ?? [];
}

function titleOf(root: FlutterRoot): string {
  return root.path ? `${root.name} (${root.path})` : root.name || words.top;
}

function factsOf(root: FlutterRoot): string {
  const platforms = root.platforms.map((platform) => words.platforms[platform]).join(", ");
  const facts = [
    root.is_example && words.example,
    platforms || words.package,
    root.flavors.length > 0 && words.flavors(root.flavors.map((flavor) => flavor.name).join(", ")),
    root.flutter_version && words.flutter(root.flutter_version),
    root.has_tests && words.tests,
  ];
  return facts.filter(Boolean).join(" · ");
}
