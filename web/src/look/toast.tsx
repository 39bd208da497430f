import { CircleCheck, Info, OctagonAlert, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { create } from "zustand";
import { Button, IconButton } from "./button.tsx";

type Tone = "done" | "plain" | "loss";

/** Something that happened, told once. What has to be acted on is a banner or stands on the page. */
export interface Told {
  readonly title: string;
  /** Why, and what now. */
  readonly text?: string;
  readonly tone?: Tone;
  readonly action?: { readonly label: string; readonly onPress: () => void };
}

interface Toasts {
  readonly shown: readonly (Told & { readonly id: number })[];
  readonly tell: (told: Told) => void;
  readonly forget: (id: number) => void;
}

const MOST = 3;
const LASTS_MS = 6000;
/** With a button there has to be time to reach it; the WCAG asks for 20 s or a way to keep it. */
const LASTS_WITH_ACTION_MS = 20_000;

/** What is being told; the newest last. */
export const useToasts = create<Toasts>((set) => ({
  shown: [],
  tell: (told) =>
    set(({ shown }) => ({ shown: [...shown.slice(1 - MOST), { ...told, id: (shown.at(-1)?.id ?? 0) + 1 }] })),
  forget: (id) => set(({ shown }) => ({ shown: shown.filter((one) => one.id !== id) })),
}));

const ICONS = { done: CircleCheck, plain: Info, loss: OctagonAlert };
const COLOURS = { done: "text-go", plain: "text-quiet", loss: "text-loss" };

/** Where things are told: above on a phone, below left on a desk; the next step's button is below right. It stands once. */
export function Toasts() {
  const { shown, forget } = useToasts();
  return (
    <Radix.Provider label="Message" swipeDirection="right">
      {shown.map(({ id, title, text, tone = "plain", action }) => {
        const Icon = ICONS[tone];
        return (
          <Radix.Root
            key={id}
            type={tone === "loss" ? "foreground" : "background"}
            duration={action ? LASTS_WITH_ACTION_MS : LASTS_MS}
            onOpenChange={(open) => open || forget(id)}
            className="sheet flex items-start gap-3 rounded-plain border border-line bg-raised p-3 pl-4 shadow-float"
          >
            <Icon aria-hidden size={20} className={`mt-1.5 shrink-0 ${COLOURS[tone]}`} />
            <div className="grid flex-1 gap-1 py-1.5">
              <Radix.Title className="font-strong">{title}</Radix.Title>
              {text ? <Radix.Description className="text-quiet">{text}</Radix.Description> : null}
              {action ? (
                <Radix.Action asChild altText={action.label}>
                  <Button measure="small" className="mt-1 justify-self-start" onClick={action.onPress}>
                    {action.label}
                  </Button>
                </Radix.Action>
              ) : null}
            </div>
            <Radix.Close asChild>
              <IconButton icon={X} label="Close" measure="small" />
            </Radix.Close>
          </Radix.Root>
        );
      })}
      <Radix.Viewport className="fixed top-(--head) right-0 z-50 grid w-full max-w-105 gap-2 p-4 outline-none desk:top-auto desk:right-auto desk:bottom-0 desk:left-(--rail)" />
    </Radix.Provider>
  );
}
