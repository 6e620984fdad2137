/** The members of a project: list, add, change role, remove. Who may not manage them sees the list only. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Project, ProjectMember, ProjectRole } from "@/api/types";
import { Cell, Head, Person, Table } from "@/components/settings";
import { Button, ConfirmDialog, EmptyState, QueryView, Select, TimeAgo, useToasts } from "@/components/ui";
import { projectAllows } from "@/lib/capabilities";
import { reasonOf, useSubmission } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { members as words } from "@/messages/en/members";
import { roles } from "@/messages/later";
import { AddMemberDialog } from "./add-member-dialog";
import { membersQuery, PROJECT_ROLES } from "./members";
import { ProjectFrame } from "./project-frame";

export function MembersPage({ projectId }: { projectId: string }) {
  return (
    <ProjectFrame projectId={projectId} tab="members">
      {({ project }) => <Members project={project} />}
    </ProjectFrame>
  );
}

function Members({ project }: { project: Project }) {
  const query = useQuery(membersQuery(useRuntime(), project.id));
  const mayManage = projectAllows(project, "manage_members");
  const [adding, setAdding] = useState(false);
  const add = mayManage && (
    <Button variant="primary" icon="add" onClick={() => setAdding(true)}>
      {words.add.open}
    </Button>
  );
  return (
    <section aria-labelledby="members" className="flex max-w-4xl flex-col gap-3">
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2">
        <h2 id="members" className="text-lg font-semibold">
          {words.title}
        </h2>
        {add}
      </div>
      <QueryView query={query} name={words.name}>
        {({ members }) =>
          members.length > 0 ? (
            <MemberTable project={project} members={members} />
          ) : (
            <EmptyState icon="user" title={words.emptyTitle}>
              <p>{words.emptyText}</p>
            </EmptyState>
          )
        }
      </QueryView>
      <p className="text-sm text-ink-3">
        {words.implicit} {!mayManage && words.readOnly}
      </p>
      {adding && <AddMemberDialog projectId={project.id} onClose={() => setAdding(false)} />}
    </section>
  );
}

type TableProps = { project: Project; members: ProjectMember[] };

function MemberTable({ project, members }: TableProps) {
  const mayManage = projectAllows(project, "manage_members");
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  const [removing, setRemoving] = useState<ProjectMember | null>(null);
  const head = (
    <>
      <Head>{words.columns.person}</Head>
      <Head show="wide">{words.columns.role}</Head>
      <Head show="wide">{words.columns.since}</Head>
      {mayManage && (
        <Head>
          <span className="sr-only">{words.columns.actions}</span>
        </Head>
      )}
    </>
  );
  return (
    <>
      <Table label={words.title} head={head}>
        {members.map((member) => (
          <tr key={member.user_id} className="hover:bg-canvas">
            <Cell>
              <Person
                email={member.user_email}
                name={member.user_display_name}
                isYou={member.user_id === data?.user.id}
              >
                <p className="text-sm text-ink-3">{words.onInstance(roles.instance[member.user_role])}</p>
                <div className="mt-1.5 md:hidden">
                  <RoleShown project={project} member={member} />
                </div>
              </Person>
            </Cell>
            <Cell show="wide">
              <RoleShown project={project} member={member} />
            </Cell>
            <Cell show="wide">
              <TimeAgo at={member.created_at} className="text-ink-2" />
            </Cell>
            {mayManage && (
              <Cell>
                <div className="flex justify-end">
                  <Button
                    variant="ghost"
                    aria-label={words.remove.label(member.user_email)}
                    onClick={() => setRemoving(member)}
                  >
                    {words.remove.open}
                  </Button>
                </div>
              </Cell>
            )}
          </tr>
        ))}
      </Table>
      {removing && <RemoveDialog project={project} member={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

type ShownProps = { project: Project; member: ProjectMember };

function RoleShown({ project, member }: ShownProps) {
  if (!projectAllows(project, "manage_members")) return roles.project[member.role];
  const isCapped = member.user_role === "qa_viewer" && member.role !== "viewer";
  return (
    <>
      <RoleChoice project={project} member={member} />
      {isCapped && <p className="mt-1 text-sm text-ink-3">{words.capped}</p>}
    </>
  );
}

function RoleChoice({ project, member }: { project: Project; member: ProjectMember }) {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const cache = useQueryClient();
  const [pending, setPending] = useState<ProjectRole | null>(null);
  async function change(role: ProjectRole) {
    setPending(role);
    try {
      await runtime.api.patch("/v1/projects/{project_id}/members/{user_id}", {
        path: { project_id: project.id, user_id: member.user_id },
        body: { role },
      });
      toast(words.changed(member.user_email, roles.project[role]));
    } catch (cause) {
      // The role that counts is shown again before the refusal is said.
      setPending(null);
      toastError(cause);
    }
    await cache.invalidateQueries({ queryKey: runtime.key("members", project.id) });
    setPending(null);
  }
  return (
    <Select
      aria-label={words.roleOf(member.user_email)}
      aria-busy={pending !== null || undefined}
      value={pending ?? member.role}
      onChange={(event) => {
        const role = PROJECT_ROLES.find((known) => known === event.target.value);
        if (role && pending === null) void change(role);
      }}
    >
      {PROJECT_ROLES.map((role) => (
        <option key={role} value={role}>
          {roles.project[role]}
        </option>
      ))}
    </Select>
  );
}

type RemoveProps = { project: Project; member: ProjectMember; onClose: () => void };

function RemoveDialog({ project, member, onClose }: RemoveProps) {
  const runtime = useRuntime();
  const { toast } = useToasts();
  const cache = useQueryClient();
  const submission = useSubmission();
  const remove = () =>
    submission.run(async () => {
      await runtime.api.delete("/v1/projects/{project_id}/members/{user_id}", {
        path: { project_id: project.id, user_id: member.user_id },
      });
      onClose();
      toast(words.remove.done(member.user_email));
      await cache.invalidateQueries({ queryKey: runtime.key("members", project.id) });
    });
  return (
    <ConfirmDialog
      title={words.remove.title(member.user_email)}
      intro={words.remove.intro}
      consequences={words.remove.consequences}
      confirmLabel={words.remove.open}
      pending={submission.pending}
      error={submission.error && reasonOf(submission.error)}
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  );
}
