/** How pushes to the repository of a project are heard of: by webhooks, and by looking at it. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Project, ProjectDetail } from "@/api/types";
import { Banner, Duration, Fact, Facts, Field, Section, Select, TimeAgo, useToasts } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { projectQuery } from "@/lib/queries";
import { pushes as words } from "@/messages/en/pushes";

type Polling = Project["polling"];

export function Pushes({ detail: { project, pushes } }: { detail: ProjectDetail }) {
  if (!pushes) return null;
  const isLocal = project.repository_provider === "local_git";
  const { webhook_at, looked_every, looked_at, problem } = pushes;
  return (
    <Section title={words.title}>
      {problem && (
        <Banner tone="warning" title={words.problem}>
          <p className="break-words">{problem}</p>
        </Banner>
      )}
      <Facts>
        {!isLocal && (
          <Fact name={words.webhook}>{webhook_at ? <TimeAgo at={webhook_at} /> : words.never}</Fact>
        )}
        <Fact name={words.looked}>
          {looked_every ? (
            <>
              {words.every} <Duration ms={looked_every * 1000} />
            </>
          ) : (
            words.notLooked
          )}
          {looked_at && (
            <span className="ms-1.5 text-ink-3">
              ({words.last} <TimeAgo at={looked_at} />)
            </span>
          )}
        </Fact>
      </Facts>
      <Choose project={project} isLocal={isLocal} />
    </Section>
  );
}

function Choose({ project, isLocal }: { project: Project; isLocal: boolean }) {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const cache = useQueryClient();
  const [pending, setPending] = useState(false);
  const names = isLocal ? words.localPollings : words.pollings;
  const choices: Polling[] = isLocal ? ["auto", "off"] : ["auto", "on", "off"];
  async function save(polling: Polling) {
    setPending(true);
    try {
      const path = { project_id: project.id };
      await runtime.api.patch("/v1/projects/{project_id}", { path, body: { polling } });
      toast(words.saved);
    } catch (cause) {
      toastError(cause);
    }
    await cache.invalidateQueries({ queryKey: projectQuery(runtime, project.id).queryKey });
    setPending(false);
  }
  return (
    <Field label={words.polling}>
      <Select
        value={isLocal && project.polling === "on" ? "auto" : project.polling}
        disabled={pending}
        onChange={(event) => void save(event.target.value as Polling)}
      >
        {choices.map((polling) => (
          <option key={polling} value={polling}>
            {names[polling]}
          </option>
        ))}
      </Select>
    </Field>
  );
}
