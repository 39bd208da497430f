import { Download, Pause, Play, Scissors, Share2, SkipBack, SkipForward, Trash2, Upload } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "../look/button.tsx";

export function Buttons() {
  const [playing, setPlaying] = useState(false);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap gap-2">
        <Button kind="go" icon={Upload}>
          Add game
        </Button>
        <Button icon={Download}>Download</Button>
        <Button kind="quiet">Cancel</Button>
        <Button kind="danger" icon={Trash2}>
          Delete
        </Button>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button kind="go" busy>
          Making the draft
        </Button>
        <Button kind="go" blocked="2 clips have no 9:16 crop yet: set it or use the default crop.">
          Make reel
        </Button>
        <Button measure="small" icon={Share2}>
          Share
        </Button>
        <Button measure="small" kind="quiet">
          Undo
        </Button>
      </div>
      <div className="flex flex-wrap items-center gap-1">
        <IconButton icon={SkipBack} label="Previous edge" keys="ArrowUp" />
        <IconButton
          icon={playing ? Pause : Play}
          label={playing ? "Pause" : "Play"}
          keys="Space"
          kind="go"
          onClick={() => setPlaying(!playing)}
        />
        <IconButton icon={SkipForward} label="Next edge" keys="ArrowDown" />
        <IconButton icon={Scissors} label="Split" measure="small" />
        <time className="px-2 text-16">41:02.40</time>
        <span className="text-quiet">of 1:32:10</span>
      </div>
    </div>
  );
}
