/** The frame of pages without the shell (sign-in, set-up): main, mark, the one h1, title. A page must render exactly one. */
import { type ReactNode, useEffect } from "react";
import { Mark } from "@/components/shell/mark";
import { t } from "@/messages";

type Props = { title: string; heading: string; width?: "narrow" | "normal" | "wide"; children: ReactNode };

const WIDTH = { narrow: "max-w-md justify-center", normal: "max-w-3xl", wide: "max-w-6xl" };

export function BarePage({ title, heading, width = "narrow", children }: Props) {
  useEffect(() => {
    document.title = `${title} – ${t.product}`;
  }, [title]);
  return (
    <main
      id="main"
      tabIndex={-1}
      className={`mx-auto flex min-h-dvh flex-col gap-4 px-4 py-8 ${WIDTH[width]}`}
    >
      <Mark className="size-10" />
      <h1 className="text-xl font-semibold">{heading}</h1>
      {children}
    </main>
  );
}
