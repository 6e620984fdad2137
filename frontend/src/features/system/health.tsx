/** Whether everything that the daemon needs works, and what to do where it does not. */
import { useQuery } from "@tanstack/react-query";
import type { Readiness } from "@/api/types";
import { CheckList } from "@/components/check-list";
import { Banner, Button, Icon, QueryView, Section } from "@/components/ui";
import { useRuntime } from "@/lib/instances/current";
import { system } from "@/messages/en/system";
import { readinessQuery } from "./queries";

const words = system.health;

export function Health() {
  const query = useQuery(readinessQuery(useRuntime()));
  const again = (
    <Button icon="rerun" pending={query.isFetching} onClick={() => void query.refetch()}>
      {words.again}
    </Button>
  );
  return (
    <Section title={words.title} actions={again}>
      <QueryView query={query} name={words.name}>
        {({ checks }) => (
          <>
            <div role="status">
              <Summary checks={checks} />
            </div>
            <CheckList label={words.list} checks={checks} statuses={words.statuses} names={words.checks} />
          </>
        )}
      </QueryView>
    </Section>
  );
}

function Summary({ checks }: Pick<Readiness, "checks">) {
  const failed = checks.filter(({ status }) => status === "missing").length;
  const warnings = checks.filter(({ status }) => status === "warning").length;
  if (failed > 0) {
    return (
      <Banner tone="bad" title={words.unable(failed)}>
        <p>{words.unableText}</p>
      </Banner>
    );
  }
  if (warnings > 0) return <Banner tone="warning" title={words.warned(warnings)} />;
  return (
    <p className="flex items-center gap-2 font-medium">
      <Icon name="passed" className="size-5 text-passed" />
      {words.fine}
    </p>
  );
}
