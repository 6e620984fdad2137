/** The product's mark. Decoration only; the name stands beside it. */

export function Mark({ className = "size-6" }: { className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" className={`rounded bg-accent text-on-accent ${className}`}>
      <path
        d="M8 16a5 5 0 1 1 8 4 5 5 0 1 0 8-8 5 5 0 1 0-8 8"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
