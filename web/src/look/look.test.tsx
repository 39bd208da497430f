// @vitest-environment happy-dom
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, test } from "vitest";
import type { RatingValue } from "../reel/annotation.ts";
import { Banner } from "./banner.tsx";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { TextArea, TextField } from "./field.tsx";
import { Menu } from "./menu.tsx";
import { Progress } from "./progress.tsx";
import { RatingPicker } from "./rating.tsx";
import { Slider } from "./slider.tsx";
import { useTheme } from "./theme.ts";
import { Toasts, useToasts } from "./toast.tsx";
import { TooltipProvider } from "./tooltip.tsx";

afterEach(cleanup);

describe("a button that is blocked", () => {
  test("takes the focus, says why and does nothing", async () => {
    let pressed = 0;
    render(
      <TooltipProvider>
        <Button blocked="Add a clip first." onClick={() => (pressed += 1)}>
          Make reel
        </Button>
      </TooltipProvider>,
    );
    const button = screen.getByRole("button", { name: "Make reel", description: /Add a clip first/ });
    await userEvent.tab();
    expect(document.activeElement).toBe(button);
    await userEvent.keyboard("{Enter}");
    await userEvent.click(button);
    expect(pressed).toBe(0);
    expect(button.getAttribute("aria-disabled")).toBe("true");
  });

  test("works once it is not", async () => {
    let pressed = 0;
    render(<Button onClick={() => (pressed += 1)}>Make reel</Button>);
    await userEvent.click(screen.getByRole("button", { name: "Make reel" }));
    expect(pressed).toBe(1);
  });
});

test("a busy form's button submits nothing", async () => {
  let submitted = 0;
  const form = (busy: boolean) => (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submitted += 1;
      }}
    >
      <Button submits busy={busy}>
        Save
      </Button>
    </form>
  );
  const { rerender } = render(form(true));
  await userEvent.click(screen.getByRole("button"));
  expect(submitted).toBe(0);
  rerender(form(false));
  await userEvent.click(screen.getByRole("button"));
  expect(submitted).toBe(1);
});

describe("a dialog", () => {
  function Asking({ held }: { readonly held: boolean }) {
    const [open, setOpen] = useState(false);
    return (
      <TooltipProvider>
        <Button onClick={() => setOpen(true)}>Ask</Button>
        <Dialog open={open} onOpenChange={setOpen} title="Add game" held={held}>
          <TextField label="Opponent" />
        </Dialog>
      </TooltipProvider>
    );
  }

  test("begins in its first field, closes with Escape and gives the focus back", async () => {
    render(<Asking held={false} />);
    await userEvent.click(screen.getByRole("button", { name: "Ask" }));
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Opponent" }));
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Ask" })));
  });

  test("that is held closes by its own buttons only", async () => {
    render(<Asking held />);
    await userEvent.click(screen.getByRole("button", { name: "Ask" }));
    await userEvent.keyboard("{Escape}");
    const dialog = screen.getByRole("dialog", { name: "Add game" });
    expect(within(dialog).queryByRole("button", { name: "Close" })).toBeNull();
  });
});

test("a menu is walked with the arrow keys, and what is blocked is passed over", async () => {
  const done: string[] = [];
  const item = (id: string, blocked: string | null = null) => ({
    id,
    label: id,
    blocked,
    onSelect: () => done.push(id),
  });
  render(
    <Menu trigger={<Button>More</Button>} groups={[[item("Edit"), item("Split", "Pause first.")], [item("Delete")]]} />,
  );
  screen.getByRole("button", { name: "More" }).focus();
  await userEvent.keyboard("{Enter}{ArrowDown}{Enter}");
  await waitFor(() => expect(done).toEqual(["Delete"]));
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "More" }));
});

test("a dialog that a menu opened gives the focus back to the menu's button", async () => {
  function Asking() {
    const [open, setOpen] = useState(false);
    return (
      <TooltipProvider>
        <Menu
          trigger={<Button>More</Button>}
          groups={[[{ id: "rename", label: "Rename", onSelect: () => setOpen(true) }]]}
        />
        <Dialog open={open} onOpenChange={setOpen} title="Rename">
          <TextField label="Name" />
        </Dialog>
      </TooltipProvider>
    );
  }
  render(<Asking />);
  await userEvent.click(screen.getByRole("button", { name: "More" }));
  await userEvent.click(screen.getByRole("menuitem", { name: "Rename" }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Name" })));
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "More" })));
});

describe("a field", () => {
  test("says what is wrong with it in place of its hint", () => {
    const { rerender } = render(<TextField label="Date" hint="Of the match" />);
    expect(screen.getByRole("textbox", { name: "Date", description: "Of the match" })).toBeTruthy();
    rerender(<TextField label="Date" hint="Of the match" error="There is no such day." />);
    const field = screen.getByRole("textbox", { name: "Date", description: "There is no such day." });
    expect(field.getAttribute("aria-invalid")).toBe("true");
  });

  test("counts code points, as the limit does", () => {
    render(<TextArea label="Notes" value="⚽😀" most={5} onChange={() => undefined} />);
    expect(screen.getByRole("status").textContent).toBe("3");
  });
});

test("a rating is one of five, by the arrow keys too, and is never none", async () => {
  function Rated() {
    const [rating, setRating] = useState<RatingValue>(4);
    return (
      <TooltipProvider>
        <RatingPicker value={rating} onChange={setRating} />
      </TooltipProvider>
    );
  }
  render(<Rated />);
  const chosen = () => screen.getAllByRole("radio").filter((one) => one.getAttribute("aria-checked") === "true");
  await userEvent.click(screen.getByRole("radio", { name: "5, Brilliant" }));
  expect(chosen().map((one) => one.getAttribute("aria-label"))).toEqual(["5, Brilliant"]);
  await userEvent.click(screen.getByRole("radio", { name: "5, Brilliant" }));
  expect(chosen()).toHaveLength(1);
});

test("a slider says its value in words", () => {
  render(
    <Slider
      label="Speed"
      value={0.5}
      least={0.25}
      most={2}
      step={0.25}
      said={(value) => `${value}×`}
      onChange={() => undefined}
    />,
  );
  expect(screen.getByRole("slider", { name: "Speed" }).getAttribute("aria-valuetext")).toBe("0.5×");
});

describe("progress", () => {
  test("is what was counted, rounded down", () => {
    render(<Progress label="Framing" done={999} total={1000} />);
    const bar = screen.getByRole("progressbar", { name: "Framing" });
    expect([bar.getAttribute("aria-valuenow"), bar.getAttribute("aria-valuetext")]).toEqual(["99", "999 of 1000"]);
  });

  test("claims nothing that is not known", () => {
    for (const total of [null, 0]) {
      const { unmount } = render(<Progress label="Starting" done={0} total={total} />);
      expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBeNull();
      unmount();
    }
  });
});

test("messages are told, at most three, and their button does what it says", async () => {
  let watched = 0;
  render(
    <TooltipProvider>
      <Toasts />
    </TooltipProvider>,
  );
  const { tell } = useToasts.getState();
  for (const title of ["one", "two", "three"]) tell({ title });
  tell({ title: "ready", action: { label: "Watch", onPress: () => (watched += 1) } });
  await userEvent.click(await screen.findByRole("button", { name: "Watch" }), { pointerEventsCheck: 0 });
  expect(watched).toBe(1);
  expect(useToasts.getState().shown.map(({ title }) => title)).toEqual(["two", "three"]);
});

test("a banner is a region with its own name", () => {
  render(<Banner tone="offline" title="No network." text="3 changes are kept." />);
  expect(screen.getByRole("region", { name: "No network." }).textContent).toContain("3 changes are kept.");
});

test("a theme that was chosen is shown and remembered; the device decides otherwise", () => {
  const { choose } = useTheme.getState();
  choose("light");
  expect([document.documentElement.dataset.theme, localStorage.getItem("reel.theme")]).toEqual(["light", "light"]);
  choose("system");
  expect(document.documentElement.dataset.theme).toBeUndefined();
});
