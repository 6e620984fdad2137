/** The list of instances: choose, add, rename, order, remove, take elsewhere. It stands without an instance on screen. */
// Whole, though the page stands without the shell: what it uses of it would otherwise make chunks of its own for all pages.
import "@/components/shell";
import { useState } from "react";
import { BarePage } from "@/components/access";
import { EmptyState, Section, Toaster } from "@/components/ui";
import { useInstanceKeys, useOpenInstance } from "@/lib/instances/keys";
import { instances } from "@/lib/instances/registry";
import { useStore } from "@/lib/store";
import { instances as words } from "@/messages/en/instances";
import { AddForm } from "./add-form";
import { FileSection } from "./file-section";
import { InstanceList } from "./instance-list";
import { LinkedInstance } from "./linked-instance";

/** `linked` is an address that a link named and this browser does not know; `next` is where the link leads. */
type Props = { linked: string | null; next: string | null };

export function InstancesPage({ linked, next }: Props) {
  const list = useStore(instances);
  const open = useOpenInstance();
  useInstanceKeys();
  const [news, setNews] = useState("");
  return (
    <BarePage title={words.title} heading={words.title} width="normal">
      {linked !== null && <LinkedInstance address={linked} next={next} />}
      <p className="max-w-[65ch] text-ink-2">{words.intro}</p>
      <p role="status" className={news ? "rounded bg-running-tint px-3 py-2 font-medium" : "sr-only"}>
        {news}
      </p>
      {list.length === 0 ? (
        <EmptyState icon="runner" title={words.emptyTitle}>
          <p>{words.emptyText}</p>
        </EmptyState>
      ) : (
        <InstanceList
          list={list}
          onOpen={(instance) => void open(instance, linked === null ? (next ?? "/") : "/")}
          onNews={setNews}
        />
      )}
      <Section title={words.add.title}>
        <AddForm />
      </Section>
      <FileSection isEmpty={list.length === 0} />
      <Toaster />
    </BarePage>
  );
}
