/** What a runner has and lacks to build apps, worst first, each with its remedy. The daemon wrote the report. */
import type { DoctorCheck } from "@/api/types";
import { Badge, CopyLine, Section } from "@/components/ui";
import { runnerPages as words } from "@/messages/en/runner-pages";

const LOOK = {
  missing: { tone: "failed", icon: "octagon" },
  warning: { tone: "warning", icon: "alert" },
  ok: { tone: "passed", icon: "passed" },
} as const;
const RANK = { missing: 0, warning: 1, ok: 2 } as const;

export function DoctorReport({ checks }: { checks: readonly DoctorCheck[] }) {
  const sorted = checks.toSorted((one, other) => RANK[one.status] - RANK[other.status]);
  return (
    <Section title={words.doctor.title}>
      {sorted.length === 0 ? (
        <p className="text-ink-2">{words.doctor.silent}</p>
      ) : (
        <ul className="card divide-y divide-line" aria-label={words.doctor.title}>
          {sorted.map((check) => (
            <Check key={check.name} check={check} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Check({ check }: { check: DoctorCheck }) {
  const { tone, icon } = LOOK[check.status];
  return (
    <li className="grid gap-x-4 gap-y-1.5 px-4 py-2.5 sm:grid-cols-[6.5rem_minmax(0,1fr)]">
      <span>
        <Badge tone={tone} icon={icon}>
          {words.doctor.status[check.status]}
        </Badge>
      </span>
      <div className="flex min-w-0 flex-col gap-1.5">
        <p>{check.what}</p>
        {check.fix &&
          (isCommand(check.fix) ? <CopyLine text={check.fix} /> : <p className="text-ink-2">{check.fix}</p>)}
      </div>
    </li>
  );
}

/** Remedies are commands or sentences; sentences end like one. */
export function isCommand(fix: string): boolean {
  return !fix.endsWith(".");
}
