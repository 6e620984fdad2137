/** Why an instance was not added, and the way out. What is wrong with the text of an address is said at its field. */
import type { ReactNode } from "react";
import { Banner, Button, CopyLine } from "@/components/ui";
import type { Obstacle, Outcome } from "@/lib/instances/adding";
import { useOpenInstance } from "@/lib/instances/keys";
import type { Instance } from "@/lib/instances/registry";
import { instances as words } from "@/messages/en/instances";

type Props = { outcome: Outcome; onAddAnyway: (url: string) => void };

export function OutcomeView({ outcome, onAddAnyway }: Props) {
  if (outcome.kind === "problem") return null;
  if (outcome.kind === "added")
    return (
      <Told
        tone="info"
        title={words.add.done(outcome.instance.label)}
        actions={<Open instance={outcome.instance} />}
      />
    );
  if (outcome.kind === "same_address")
    return (
      <Told
        tone="warning"
        title={words.twice.title(outcome.instance.label)}
        actions={<Open instance={outcome.instance} />}
      >
        <p>{words.twice.text}</p>
      </Told>
    );
  const anyway = <Button onClick={() => onAddAnyway(outcome.url)}>{words.add.anyway}</Button>;
  if (outcome.kind === "same_daemon")
    return (
      <Told
        tone="warning"
        title={words.twice.otherTitle(outcome.instance.label)}
        actions={
          <>
            <Open instance={outcome.instance} />
            {anyway}
          </>
        }
      >
        <p>{words.twice.otherText(outcome.instance.url)}</p>
      </Told>
    );
  const { title, text } = words.findings[outcome.obstacle];
  return (
    <Told tone="bad" title={title} actions={outcome.obstacle === "not_oore" ? undefined : anyway}>
      <p>{text}</p>
      <Help obstacle={outcome.obstacle} url={outcome.url} />
    </Told>
  );
}

function Help({ obstacle, url }: { obstacle: Obstacle; url: string }) {
  const visit = (
    <p>
      <a
        href={`${url}/v1/public/setup-status`}
        target="_blank"
        rel="noreferrer"
        className="tap font-medium text-accent underline underline-offset-2"
      >
        {words.visit}
      </a>
    </p>
  );
  if (obstacle === "signs_in_first" || obstacle === "unreachable") return visit;
  if (obstacle !== "refuses_page") return null;
  return (
    <>
      <CopyLine text={window.location.origin} />
      <p>{words.findings.refuses_page.also}</p>
      {visit}
    </>
  );
}

function Open({ instance }: { instance: Instance }) {
  const open = useOpenInstance();
  return (
    <Button aria-label={words.open(instance.label)} onClick={() => void open(instance)}>
      {words.openShort}
    </Button>
  );
}

type ToldProps = {
  tone: "info" | "warning" | "bad";
  title: string;
  actions?: ReactNode;
  children?: ReactNode;
};

function Told({ tone, title, actions, children }: ToldProps) {
  return (
    <div role={tone === "info" ? "status" : "alert"}>
      <Banner tone={tone} title={title} actions={actions}>
        {children}
      </Banner>
    </div>
  );
}
