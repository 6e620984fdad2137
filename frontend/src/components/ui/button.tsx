/** Buttons and links that look like buttons. A button that is unavailable says why; it must never vanish silently. */
import { createLink, type LinkComponent } from "@tanstack/react-router";
import { type ComponentProps, forwardRef, type ReactNode, useId } from "react";
import { Icon, type IconName } from "./icon";
import { Tooltip } from "./tooltip";

type Variant = "primary" | "secondary" | "ghost" | "danger";

const BASE =
  "target inline-flex items-center justify-center gap-1.5 rounded px-3 py-1 font-medium whitespace-nowrap transition-colors duration-[120ms] aria-disabled:opacity-55";

const LOOK: Record<Variant, string> = {
  primary: "bg-accent text-on-accent not-aria-disabled:hover:opacity-90",
  secondary: "border border-control bg-surface text-ink not-aria-disabled:hover:bg-sunken",
  ghost: "text-ink-2 not-aria-disabled:hover:bg-sunken not-aria-disabled:hover:text-ink",
  danger: "bg-failed text-on-danger not-aria-disabled:hover:opacity-90",
};

const look = (variant: Variant, className: string) => `${BASE} ${LOOK[variant]} ${className}`;

type ButtonProps = Omit<ComponentProps<"button">, "disabled"> & {
  variant?: Variant;
  icon?: IconName;
  /** Shows that the action is under way and takes no second click. */
  pending?: boolean;
  /** Why the action is unavailable now; shown on hover and focus and read out. */
  disabledReason?: string | null;
};

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  {
    variant = "secondary",
    icon,
    pending = false,
    disabledReason,
    className = "",
    children,
    onClick,
    type = "button",
    ...rest
  },
  ref,
) {
  const reasonId = useId();
  const blocked = pending || Boolean(disabledReason);
  const button = (
    <button
      {...rest}
      ref={ref}
      type={type}
      aria-disabled={blocked || undefined}
      aria-busy={pending || undefined}
      aria-describedby={disabledReason ? reasonId : rest["aria-describedby"]}
      onClick={blocked ? (event) => event.preventDefault() : onClick}
      className={look(variant, className)}
    >
      {pending ? (
        <Icon name="spinner" className="size-4 animate-[spin_0.8s_linear_infinite]" />
      ) : (
        icon && <Icon name={icon} />
      )}
      {children}
    </button>
  );
  if (!disabledReason) return button;
  return (
    <Tooltip id={reasonId} text={disabledReason}>
      {button}
    </Tooltip>
  );
});

type IconButtonProps = Omit<ComponentProps<"button">, "aria-label" | "disabled"> & {
  icon: IconName;
  label: string;
};

/** A button with an icon only; its label is read out and shown as a tooltip. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { icon, label, className = "", type = "button", ...rest },
  ref,
) {
  return (
    <Tooltip text={label}>
      <button
        {...rest}
        ref={ref}
        type={type}
        aria-label={label}
        className={`target inline-flex items-center justify-center rounded text-ink-2 hover:bg-sunken hover:text-ink ${className}`}
      >
        <Icon name={icon} />
      </button>
    </Tooltip>
  );
});

type AnchorProps = ComponentProps<"a"> & { variant?: Variant; icon?: IconName; children?: ReactNode };

const ButtonAnchor = forwardRef<HTMLAnchorElement, AnchorProps>(function ButtonAnchor(
  { variant = "secondary", icon, className = "", children, ...rest },
  ref,
) {
  return (
    <a {...rest} ref={ref} className={look(variant, className)}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  );
});

/** A router link that looks like a button. */
export const ButtonLink: LinkComponent<typeof ButtonAnchor> = createLink(ButtonAnchor);
