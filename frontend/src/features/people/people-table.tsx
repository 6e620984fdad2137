/** The rows of the list of people with what may be done to each, as the server says. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { User } from "@/api/types";
import { Cell, Head, Person, SortHead, Table, UserStatusBadge } from "@/components/settings";
import { Icon, Menu, type MenuEntry, TimeAgo, useToasts } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { people as words } from "@/messages/en/people";
import { roles } from "@/messages/later";
import { DisableDialog } from "./disable-dialog";
import { ForgetDialog } from "./forget-dialog";
import { RoleDialog } from "./role-dialog";

type Props = { users: User[]; sort: string; onSort: (sort: string) => void };
type Open = { dialog: "role" | "forget" | "disable"; user: User };

export function PeopleTable({ users, sort, onSort }: Props) {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const head = (
    <>
      <SortHead name="email" sort={sort} onSort={onSort}>
        {words.columns.person}
      </SortHead>
      <SortHead name="role" sort={sort} onSort={onSort} show="wide">
        {words.columns.role}
      </SortHead>
      <SortHead name="status" sort={sort} onSort={onSort} show="wide">
        {words.columns.status}
      </SortHead>
      <Head show="wide">{words.columns.changed}</Head>
      <Head>
        <span className="sr-only">{words.columns.actions}</span>
      </Head>
    </>
  );
  return (
    <>
      <Table label={words.title} head={head}>
        {users.map((user) => (
          <tr key={user.id} className="hover:bg-canvas">
            <Cell>
              <Person email={user.email} name={user.display_name} isYou={user.id === data?.user.id}>
                <p className="mt-1 flex flex-wrap items-center gap-2 text-sm text-ink-2 md:hidden">
                  {roles.instance[user.role]} <UserStatusBadge status={user.status} />
                </p>
              </Person>
            </Cell>
            <Cell show="wide">{roles.instance[user.role]}</Cell>
            <Cell show="wide">
              <UserStatusBadge status={user.status} />
            </Cell>
            <Cell show="wide">
              <TimeAgo at={user.updated_at} className="text-ink-2" />
            </Cell>
            <Cell>
              <RowMenu user={user} onOpen={setOpen} />
            </Cell>
          </tr>
        ))}
      </Table>
      {open?.dialog === "role" && <RoleDialog user={open.user} onClose={close} />}
      {open?.dialog === "forget" && <ForgetDialog user={open.user} onClose={close} />}
      {open?.dialog === "disable" && <DisableDialog user={open.user} onClose={close} />}
    </>
  );
}

function RowMenu({ user, onOpen }: { user: User; onOpen: (open: Open) => void }) {
  const enable = useEnable();
  const can = (action: User["capabilities"][number]) => user.capabilities.includes(action);
  const entries: MenuEntry[] = [];
  if (can("change_role")) {
    entries.push({
      kind: "action",
      label: words.role.change,
      icon: "edit",
      onSelect: () => onOpen({ dialog: "role", user }),
    });
  }
  if (can("forget_identity")) {
    entries.push({
      kind: "action",
      label: words.forget.open,
      icon: "rerun",
      onSelect: () => onOpen({ dialog: "forget", user }),
    });
  }
  if (can("disable")) {
    entries.push({
      kind: "action",
      label: words.disable.open,
      icon: "slash",
      danger: true,
      onSelect: () => onOpen({ dialog: "disable", user }),
    });
  }
  if (can("enable")) {
    entries.push({
      kind: "action",
      label: words.enable.open,
      icon: "check",
      onSelect: () => void enable(user),
    });
  }
  if (entries.length === 0) return null;
  return (
    <div className="flex justify-end">
      <Menu label={words.actionsFor(user.email)} entries={entries}>
        <Icon name="more" />
      </Menu>
    </div>
  );
}

/** Lets a disabled account in again; says what went wrong. */
export function useEnable(): (user: User) => Promise<void> {
  const runtime = useRuntime();
  const { toast, toastError } = useToasts();
  const cache = useQueryClient();
  return async (user) => {
    try {
      await runtime.api.post("/v1/users/{user_id}/enable", { path: { user_id: user.id } });
      toast(words.disable.undone(user.email));
    } catch (cause) {
      toastError(cause);
    }
    await cache.invalidateQueries({ queryKey: runtime.key("users") });
  };
}
