import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "react-router";

interface PanelProps {
  readonly title: string;
  readonly id?: string;
  readonly children: ReactNode;
}

/** A part of what stands beside the film. One that the address names comes into sight. */
export function Panel({ title, id, children }: PanelProps) {
  const section = useRef<HTMLElement>(null);
  const { hash } = useLocation();
  useEffect(() => {
    if (id && hash === `#${id}`) section.current?.scrollIntoView({ block: "nearest" });
  }, [id, hash]);
  return (
    <section ref={section} id={id} className="grid gap-3 rounded-plain border border-line bg-surface p-4">
      <h2 className="text-16">{title}</h2>
      {children}
    </section>
  );
}
