/** Which combinations of a matrix are built: the values of each axis, and how many builds that makes. The platforms are asked elsewhere. */
import { useEffect, useId, useState } from "react";
import type { BuildPlatform, PipelineMatrix } from "@/api/types";
import { Choice, ChoiceGroup } from "@/components/ui";
import { matrixWords } from "@/messages/en/matrix";

/** The values that are wanted, by axis; nothing if all of them are. */
export type Picked = Record<string, string[]> | undefined;

/** The values that were left out, by axis. */
type LeftOut = Readonly<Record<string, readonly string[]>>;

const PLATFORM = "platform";

type Props = {
  matrix: PipelineMatrix;
  platforms: readonly BuildPlatform[];
  error: string | null;
  /** Must be the same function at each call. */
  onPick: (picked: Picked) => void;
};

export default function MatrixFields({ matrix, platforms, error, onPick }: Props) {
  const [left, setLeft] = useState<LeftOut>({});
  const errorId = useId();
  // What the server refused is no longer what is picked.
  const [isAnswered, setAnswered] = useState(false);
  useEffect(() => setAnswered(error === null), [error]);
  const refusal = isAnswered ? null : error;
  const axes = matrix.axes.filter(({ name, values }) => name !== PLATFORM && values.length > 1);
  const out = (axis: string) => left[axis] ?? [];
  // What was picked of one matrix means nothing for another.
  useEffect(() => () => onPick(undefined), [onPick]);
  function toggle(axis: string, value: string, wanted: boolean) {
    const others = out(axis).filter((one) => one !== value);
    const next = { ...left, [axis]: wanted ? others : [...others, value] };
    setLeft(next);
    setAnswered(true);
    const narrowed = axes.filter(({ name }) => next[name]?.length);
    const entries = narrowed.map(
      ({ name, values }) => [name, values.filter((one) => !next[name]?.includes(one))] as const,
    );
    onPick(entries.length > 0 ? Object.fromEntries(entries) : undefined);
  }
  return (
    <>
      {axes.map(({ name, values }) => (
        <ChoiceGroup key={name} label={name}>
          {values.map((value) => (
            <Choice
              key={value}
              kind="checkbox"
              label={value}
              checked={!out(name).includes(value)}
              aria-invalid={refusal ? true : undefined}
              aria-describedby={refusal ? errorId : undefined}
              onChange={(event) => toggle(name, value, event.target.checked)}
            />
          ))}
        </ChoiceGroup>
      ))}
      {refusal && (
        <p id={errorId} role="alert" className="text-sm text-failed">
          {refusal}
        </p>
      )}
      <p role="status" className="text-sm text-ink-2">
        {matrixWords.count(countOf(matrix, left, platforms))}
      </p>
    </>
  );
}

function countOf(matrix: PipelineMatrix, left: LeftOut, platforms: readonly string[]): number {
  const wanted = (axis: string, value: string) =>
    axis === PLATFORM ? platforms.includes(value) : !left[axis]?.includes(value);
  const all = (one: Record<string, string>) =>
    Object.entries(one).every(([axis, value]) => wanted(axis, value));
  return matrix.combinations.filter(all).length;
}
