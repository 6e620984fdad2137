/** Which combinations of a matrix are built: the values of each axis, and how many builds that makes. The platforms are asked elsewhere. */
import type { BuildPlatform, PipelineMatrix } from "@/api/types";
import { Choice, ChoiceGroup } from "@/components/ui";
import { matrixWords } from "@/messages/en/matrix";

/** The values that were left out, by axis. */
export type LeftOut = Readonly<Record<string, readonly string[]>>;

const PLATFORM = "platform";

type Props = {
  matrix: PipelineMatrix;
  left: LeftOut;
  platforms: readonly BuildPlatform[];
  error: string | null;
  onChange: (left: LeftOut) => void;
};

export function MatrixFields({ matrix, left, platforms, error, onChange }: Props) {
  const out = (axis: string) => left[axis] ?? [];
  const toggle = (axis: string, value: string, wanted: boolean) => {
    const others = out(axis).filter((one) => one !== value);
    onChange({ ...left, [axis]: wanted ? others : [...others, value] });
  };
  return (
    <>
      {askedAxes(matrix).map(({ name, values }) => (
        <ChoiceGroup key={name} label={name}>
          {values.map((value) => (
            <Choice
              key={value}
              kind="checkbox"
              label={value}
              checked={!out(name).includes(value)}
              onChange={(event) => toggle(name, value, event.target.checked)}
            />
          ))}
        </ChoiceGroup>
      ))}
      <p role="status" className={error ? "text-sm text-failed" : "text-sm text-ink-2"}>
        {error ?? matrixWords.count(countOf(matrix, left, platforms))}
      </p>
    </>
  );
}

/** What the server is told; nothing if all of it is wanted. */
export function picked(matrix: PipelineMatrix | null | undefined, left: LeftOut) {
  if (!matrix) return undefined;
  const narrowed = askedAxes(matrix).filter(({ name }) => (left[name] ?? []).length > 0);
  if (narrowed.length === 0) return undefined;
  return Object.fromEntries(
    narrowed.map(({ name, values }) => [name, values.filter((value) => !left[name]?.includes(value))]),
  );
}

function askedAxes(matrix: PipelineMatrix) {
  return matrix.axes.filter(({ name, values }) => name !== PLATFORM && values.length > 1);
}

function countOf(matrix: PipelineMatrix, left: LeftOut, platforms: readonly string[]): number {
  const wanted = (axis: string, value: string) =>
    axis === PLATFORM ? platforms.includes(value) : !left[axis]?.includes(value);
  return matrix.combinations.filter((one) =>
    Object.entries(one).every(([axis, value]) => wanted(axis, value)),
  ).length;
}
