/** The instances in their order, which buttons change, and dragging too. It must not ask for health itself: the rows do. */
import { type DragEvent, useState } from "react";
import { type Instance, moveInstance } from "@/lib/instances/registry";
import { instances as words } from "@/messages/en/instances";
import { InstanceRow } from "./instance-row";

type Props = { list: Instance[]; onOpen: (instance: Instance) => void; onNews: (text: string) => void };

export type Move = { id: string; by: -1 | 1 };

export function InstanceList({ list, onOpen, onNews }: Props) {
  const [dragged, setDragged] = useState<string | null>(null);
  const [lastMove, setLastMove] = useState<Move | null>(null);
  function place({ id, label }: Instance, at: number) {
    moveInstance(id, at);
    onNews(words.moved(label, at + 1, list.length));
  }
  function move(instance: Instance, at: number, by: Move["by"]) {
    setLastMove({ id: instance.id, by });
    place(instance, at + by);
  }
  function drop(event: DragEvent, at: number) {
    event.preventDefault();
    const instance = list.find(({ id }) => id === dragged);
    if (instance && list[at] !== instance) place(instance, at);
  }
  return (
    <ul aria-label={words.list} className="flex flex-col gap-2">
      {list.map((instance, at) => (
        <li
          key={instance.id}
          draggable={list.length > 1}
          onDragStart={() => setDragged(instance.id)}
          onDragEnd={() => setDragged(null)}
          onDragOver={(event) => dragged !== null && event.preventDefault()}
          onDrop={(event) => drop(event, at)}
          className={dragged === instance.id ? "opacity-55" : ""}
        >
          <InstanceRow
            instance={instance}
            at={at}
            total={list.length}
            lastMove={lastMove?.id === instance.id ? lastMove : null}
            onMove={(by) => move(instance, at, by)}
            onOpen={() => onOpen(instance)}
            onNews={onNews}
          />
        </li>
      ))}
    </ul>
  );
}
