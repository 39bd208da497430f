import { Check, ChevronDown } from "lucide-react";
import { useState } from "react";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";
import { Keys } from "../look/keys.tsx";
import { Menu } from "../look/menu.tsx";
import { Tooltip } from "../look/tooltip.tsx";

const ORDERS = ["By time", "Best first", "Newest first"];

export function Over() {
  const [asking, ask] = useState(false);
  const [adding, add] = useState(false);
  const [order, setOrder] = useState(ORDERS[0]);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => add(true)}>Open a form</Button>
        <Button onClick={() => ask(true)}>Ask</Button>
        <Menu
          align="start"
          trigger={<Button icon={ChevronDown}>{order}</Button>}
          groups={[
            ORDERS.map((one) => ({ id: one, label: one, chosen: one === order, onSelect: () => setOrder(one) })),
          ]}
        />
        <Tooltip text="New clip: the last 8 s and the next 2" keys="N">
          <Button kind="quiet">With a tooltip</Button>
        </Tooltip>
      </div>
      <p className="flex items-center gap-2 text-quiet">
        A frame back: <Keys keys="ArrowLeft" /> a second: <Keys keys="Shift+ArrowLeft" />
      </p>
      <Dialog
        open={asking}
        onOpenChange={ask}
        title="Delete this game?"
        description="Its 12 clips go with it. Reels that were made of them stay."
        actions={
          <>
            <Button onClick={() => ask(false)}>Keep it</Button>
            <Button kind="danger" onClick={() => ask(false)}>
              Delete game
            </Button>
          </>
        }
      />
      <Dialog
        open={adding}
        onOpenChange={add}
        title="Add game"
        description="One file, or the two halves of a match."
        actions={
          <>
            <Button onClick={() => add(false)}>Cancel</Button>
            <Button kind="go" icon={Check} onClick={() => add(false)}>
              Add game
            </Button>
          </>
        }
      >
        <div className="grid gap-4">
          <TextField label="Opponent" />
          <TextField label="Match date" type="date" defaultValue="2026-11-22" />
        </div>
      </Dialog>
    </div>
  );
}
