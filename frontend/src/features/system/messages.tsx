/** The last messages of the daemon, for its owner: fetched when they are opened, not with the page. Filters are in the URL. */
import { lazy, Suspense, useId } from "react";
import { Button, Pending, Section, SkeletonRows } from "@/components/ui";
import { system } from "@/messages/en/system";
import type { MessagesProps } from "./search";

const words = system.messages;
const OpenedMessages = lazy(() => import("./opened-messages"));

export function Messages({ search, onSearch }: MessagesProps) {
  const isOpen = search.messages === "open";
  const content = useId();
  return (
    <Section title={words.title}>
      <p className="max-w-[70ch] text-ink-2">{words.text}</p>
      <div>
        <Button
          icon="log"
          aria-expanded={isOpen}
          aria-controls={content}
          onClick={() => onSearch(isOpen ? {} : { messages: "open" }, "replace")}
        >
          {isOpen ? words.hide : words.show}
        </Button>
      </div>
      <div id={content} className="flex flex-col gap-3">
        {isOpen && (
          <Suspense
            fallback={
              <Pending name={words.name}>
                <SkeletonRows />
              </Pending>
            }
          >
            <OpenedMessages search={search} onSearch={onSearch} />
          </Suspense>
        )}
      </div>
    </Section>
  );
}
