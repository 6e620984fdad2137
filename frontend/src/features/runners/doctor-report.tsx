/** What a runner has and lacks to build apps. */
import type { DoctorCheck } from "@/api/types";
import { CheckList } from "@/components/check-list";
import { Section } from "@/components/ui";
import { runnerPages as words } from "@/messages/en/runner-pages";

export default function DoctorReport({ checks }: { checks: readonly DoctorCheck[] }) {
  const { title, silent, status } = words.doctor;
  return (
    <Section title={title}>
      {checks.length === 0 ? (
        <p className="text-ink-2">{silent}</p>
      ) : (
        <CheckList label={title} checks={checks} statuses={status} />
      )}
    </Section>
  );
}
