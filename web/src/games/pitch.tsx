/** A pitch in hairlines: what stands where a game has no picture yet. `bare`: without grass around it. */
export function Pitch({ className, bare = false }: { readonly className: string; readonly bare?: boolean }) {
  return (
    <svg
      aria-hidden
      viewBox={bare ? "13.5 10.5 133 69" : "0 0 160 90"}
      fill="none"
      stroke="var(--line)"
      strokeWidth="1.25"
      className={`*:[vector-effect:non-scaling-stroke] ${className}`}
    >
      <rect x="14" y="11" width="132" height="68" />
      <path d="M80 11v68M14 27h20v36H14M146 27h-20v36h20M14 37h7v16h-7M146 37h-7v16h7" />
      <circle cx="80" cy="45" r="12" />
      <circle cx="80" cy="45" r="0.8" fill="var(--line)" />
      <path d="M34 39a8 8 0 0 1 0 12M126 39a8 8 0 0 0 0 12" />
    </svg>
  );
}
