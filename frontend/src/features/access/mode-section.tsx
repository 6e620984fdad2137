/** The way of signing in that is in use, and the others that the owner can switch to. */
import { useState } from "react";
import type { InstancePreferences } from "@/api/types";
import { Badge, Button, onRequest, Section } from "@/components/ui";
import { storedFor, WAYS, type Way, wayOf } from "@/lib/ways";
import { access } from "@/messages/en/access";
import { settings } from "@/messages/later";
import { TargetChecks } from "./checks-section";
import type { Rights } from "./rights";

/** Loaded when it is first asked. */
const SwitchDialog = onRequest(() => import("./switch-dialog"));

const words = access.mode;

type Props = { preferences: InstancePreferences; rights: Rights };

export function ModeSection({ preferences, rights }: Props) {
  const [wanted, setWanted] = useState<Way | null>(null);
  const current = wayOf(preferences);
  const target = wanted && storedFor(wanted, preferences);
  return (
    <Section title={words.title}>
      <ul className="card divide-y divide-line">
        {WAYS.map((way) => (
          <li key={way} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
            <div className="min-w-0 grow basis-60">
              <p className="flex flex-wrap items-center gap-2 font-medium">
                {settings.ways[way]}
                {way === current && (
                  <Badge tone="passed" icon="check">
                    {words.current}
                  </Badge>
                )}
              </p>
              <p className="text-ink-2">{access.wayText[way]}</p>
            </div>
            {rights === "change" && way !== current && (
              <Button aria-label={words.switchTo(settings.ways[way])} onClick={() => setWanted(way)}>
                {words.choose}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {wanted && target && (
        <SwitchDialog preferences={preferences} way={wanted} target={target} onClose={() => setWanted(null)}>
          {wanted !== "local" && <TargetChecks target={target} />}
        </SwitchDialog>
      )}
    </Section>
  );
}
