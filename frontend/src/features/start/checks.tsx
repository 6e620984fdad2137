/** What the machine has and lacks, worst first, each with its remedy. Only what the target needs can stop it. */
import type { BuildPlatform, Start, StartCheck } from "@/api/types";
import { LOOK, RANK, Remedy } from "@/components/check-list";
import { Badge, ButtonLink } from "@/components/ui";
import { start } from "@/messages/en/start";

const words = start.checks;

export function isNeeded(check: StartCheck, platforms: readonly BuildPlatform[]): boolean {
  return check.platforms.length === 0 || check.platforms.some((platform) => platforms.includes(platform));
}

type Props = { start: Start; platforms: readonly BuildPlatform[] };

export function Checks({ start: { checks, runner }, platforms }: Props) {
  const rank = (check: StartCheck) => RANK[check.status] + (isNeeded(check, platforms) ? 0 : 3);
  const sorted = checks.toSorted((one, other) => rank(one) - rank(other));
  const missing = checks.filter((check) => check.status === "missing" && isNeeded(check, platforms));
  return (
    <section aria-labelledby="checks" className="card flex min-w-0 flex-col gap-3 p-4">
      <h2 id="checks" className="text-lg font-semibold">
        {words.title}
      </h2>
      {!runner && (
        <>
          <p className="text-ink-2">{words.none}</p>
          <div>
            <ButtonLink to="/runners/new" icon="add">
              {words.addRunner}
            </ButtonLink>
          </div>
        </>
      )}
      {runner && checks.length === 0 && <p className="text-ink-2">{words.looking}</p>}
      {checks.length > 0 && (
        <>
          <p role="status" className="font-medium">
            {words.problems(missing.length)}
          </p>
          <ul aria-label={words.title} className="flex flex-col gap-3">
            {sorted.map((check) => (
              <Check key={check.name} check={check} isNeeded={isNeeded(check, platforms)} />
            ))}
          </ul>
          <p className="text-sm text-ink-3">{words.live}</p>
        </>
      )}
    </section>
  );
}

function Check({ check, isNeeded }: { check: StartCheck; isNeeded: boolean }) {
  const { tone, icon } = LOOK[check.status];
  return (
    <li className="flex flex-col gap-1">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <Badge tone={isNeeded || check.status === "ok" ? tone : "queued"} icon={icon}>
          {words.status[check.status]}
        </Badge>
        <span className="min-w-0 grow basis-40 break-words">{check.what}</span>
      </div>
      {!isNeeded && check.status !== "ok" && <p className="text-sm text-ink-3">{words.notNeeded}</p>}
      {isNeeded && check.fix && <Remedy fix={check.fix} />}
    </li>
  );
}
