import { Moon, Sun, SunMoon } from "lucide-react";
import type { ReactNode } from "react";
import { Choice } from "../look/choice.tsx";
import { THEMES, useTheme } from "../look/theme.ts";
import { Buttons } from "./buttons.tsx";
import { Clips } from "./clips.tsx";
import { Colours } from "./colours.tsx";
import { Forms } from "./forms.tsx";
import { Messages } from "./messages.tsx";
import { Over } from "./over.tsx";

const NAMES = { system: "System", dark: "Dark", light: "Light" };
const ICONS = { system: SunMoon, dark: Moon, light: Sun };

/** Everything that screens are made of, on one page: to look at, and to try by keyboard, by touch and read out. */
export function Kit() {
  const { theme, choose } = useTheme();
  return (
    <div className="mx-auto grid max-w-360 gap-8 p-4 desk:p-8">
      <header className="flex flex-wrap items-end justify-between gap-4">
        <div>
          <p className="text-12 text-quiet">Reel Ballers</p>
          <h1 className="text-28">The kit</h1>
        </div>
        <Choice
          label="Theme"
          value={theme}
          onChange={choose}
          options={THEMES.map((value) => {
            const Icon = ICONS[value];
            return { value, name: NAMES[value], label: <Icon aria-hidden size={18} className="mx-auto" /> };
          })}
        />
      </header>
      <main className="grid grid-cols-1 items-start gap-6 desk:grid-cols-[2fr_1fr]">
        <div className="grid grid-cols-1 gap-6">
          <Section title="Clips">
            <Clips />
          </Section>
          <div className="grid grid-cols-1 items-start gap-6 tablet:grid-cols-2">
            <Section title="Buttons">
              <Buttons />
            </Section>
            <Section title="Over the page">
              <Over />
            </Section>
          </div>
          <Section title="Colours and type">
            <Colours />
          </Section>
        </div>
        <div className="grid grid-cols-1 gap-6">
          <Section title="Messages">
            <Messages />
          </Section>
          <Section title="Forms">
            <Forms />
          </Section>
        </div>
      </main>
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly children: ReactNode;
}

function Section({ title, children }: SectionProps) {
  return (
    <section className="grid grid-cols-1 gap-4 rounded-plain border border-line bg-surface p-4 desk:p-6">
      <h2 className="text-16">{title}</h2>
      {children}
    </section>
  );
}
