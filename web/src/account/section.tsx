import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "react-router";

interface SectionProps {
  readonly title: string;
  readonly text?: ReactNode;
  readonly id?: string;
  readonly children?: ReactNode;
}

/** A part of the account. One that the address names comes into sight. */
export function Section({ title, text, id, children }: SectionProps) {
  const section = useRef<HTMLElement>(null);
  const { hash } = useLocation();
  useEffect(() => {
    if (id && hash === `#${id}`) section.current?.scrollIntoView({ block: "start" });
  }, [id, hash]);
  return (
    <section
      ref={section}
      id={id}
      aria-label={title}
      className="grid scroll-mt-20 grid-cols-1 content-start gap-4 rounded-plain border border-line bg-surface p-4 tablet:p-6"
    >
      <div className="grid gap-1">
        <h2 className="text-20">{title}</h2>
        {text ? <p className="max-w-160 text-pretty text-quiet">{text}</p> : null}
      </div>
      {children}
    </section>
  );
}
