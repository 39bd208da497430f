import { useToasts } from "../look/toast.tsx";

/** Copy a text, and say so; where the browser does not let us, show it instead. */
export async function copyText(text: string): Promise<void> {
  const { tell } = useToasts.getState();
  try {
    await navigator.clipboard.writeText(text);
    tell({ title: "Copied", tone: "done" });
  } catch {
    tell({ title: "It could not be copied", text, tone: "loss" });
  }
}
