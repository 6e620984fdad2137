/** A text box for the address of a website or server. It must not check it: the server does. */
import type { ComponentProps } from "react";
import { Input } from "./field";

export function AddressInput(props: Omit<ComponentProps<"input">, "type">) {
  return <Input autoComplete="off" spellCheck={false} {...props} type="url" />;
}
