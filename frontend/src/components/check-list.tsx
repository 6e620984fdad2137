/** What was looked at and how it ended, worst first, each with its remedy. The daemon wrote the findings. */
import type { DoctorCheck } from "@/api/types";
import { Badge, CopyLine } from "@/components/ui";

/** How each way to end looks, and which comes first. */
export const LOOK = {
  missing: { tone: "failed", icon: "octagon" },
  warning: { tone: "warning", icon: "alert" },
  ok: { tone: "passed", icon: "passed" },
} as const;
export const RANK = { missing: 0, warning: 1, ok: 2 } as const;

type Props = {
  label: string;
  checks: readonly DoctorCheck[];
  /** How each way to end is called. */
  statuses: Record<DoctorCheck["status"], string>;
  /** Names of checks whose findings do not say what was looked at. */
  names?: Record<string, string>;
};

export function CheckList({ label, checks, statuses, names }: Props) {
  const sorted = checks.toSorted((one, other) => RANK[one.status] - RANK[other.status]);
  return (
    <ul className="card divide-y divide-line" aria-label={label}>
      {sorted.map((check) => (
        <Check
          key={check.name}
          check={check}
          status={statuses[check.status]}
          name={names && (names[check.name] ?? check.name)}
        />
      ))}
    </ul>
  );
}

function Check({ check, status, name }: { check: DoctorCheck; status: string; name?: string }) {
  const { tone, icon } = LOOK[check.status];
  return (
    <li className="grid gap-x-4 gap-y-1.5 px-4 py-2.5 sm:grid-cols-[6.5rem_minmax(0,1fr)]">
      <span>
        <Badge tone={tone} icon={icon}>
          {status}
        </Badge>
      </span>
      <div className="flex min-w-0 flex-col gap-1.5">
        {name && <p className="font-medium">{name}</p>}
        <p>{check.what}</p>
        {check.fix && <Remedy fix={check.fix} />}
      </div>
    </li>
  );
}

/** Remedies are commands or sentences; no command begins or ends like a sentence. */
export function Remedy({ fix }: { fix: string }) {
  const isCommand = !/^[A-Z]/.test(fix) && !fix.endsWith(".");
  return isCommand ? <CopyLine text={fix} /> : <p className="break-words text-ink-2">{fix}</p>;
}
