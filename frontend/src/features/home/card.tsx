/** A part of home with its title. It fails alone: the others stand, and this one says what happened and tries again. */
import type { ReactNode } from "react";
import { ApiError } from "@/api/errors";
import type { Home, HomePart } from "@/api/types";
import { ErrorState, Section } from "@/components/ui";

type Props<T> = {
  title: string;
  home: Home;
  part: HomePart;
  content: T | null | undefined;
  actions?: ReactNode;
  onRetry: () => void;
  children: (content: T) => ReactNode;
};

export function Card<T>({ title, home, part, content, actions, onRetry, children }: Props<T>) {
  const failure = home.failed.find((failed) => failed.part === part);
  if (!failure && !content) return null;
  return (
    <Section title={title} actions={actions}>
      {failure && (
        <ErrorState
          name={title}
          error={
            new ApiError({
              status: 500,
              code: failure.code,
              message: failure.error,
              requestId: failure.request_id,
            })
          }
          onRetry={onRetry}
        />
      )}
      {!failure && content && children(content)}
    </Section>
  );
}
