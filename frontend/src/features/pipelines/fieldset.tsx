/** A titled group of fields in a card. */
import type { ReactNode } from "react";

export function Fieldset({ title, help, children }: { title: string; help?: string; children: ReactNode }) {
  return (
    <fieldset className="card flex min-w-0 flex-col gap-4 p-4">
      <legend className="float-start mb-1 w-full text-lg font-semibold">{title}</legend>
      {help && <p className="clear-both -mt-3 text-ink-2">{help}</p>}
      {children}
    </fieldset>
  );
}
