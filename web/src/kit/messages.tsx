import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Progress } from "../look/progress.tsx";
import { useToasts } from "../look/toast.tsx";

export function Messages() {
  const { tell } = useToasts();
  return (
    <div className="grid gap-4">
      <Banner
        tone="doubt"
        title="This project was changed in another tab at 12:04."
        actions={
          <>
            <Button measure="small">Load theirs</Button>
            <Button measure="small">Keep mine as a copy</Button>
          </>
        }
      />
      <Banner tone="offline" title="No network." text="3 changes are kept on this device and go out by themselves." />
      <Banner
        tone="loss"
        title="The file ends early at 41:02."
        text="What is there is whole."
        actions={<Button measure="small">Use the first 41 minutes</Button>}
      />
      <Progress label="Framing clip 3 of 8" done={412} total={960} said="48 fps · 2 min left" />
      <Progress label="Starting a GPU (about 40 s)" done={null} total={null} />
      <div className="flex flex-wrap gap-2">
        <Button
          measure="small"
          onClick={() =>
            tell({ tone: "done", title: "Your reel is ready", action: { label: "Watch", onPress: () => undefined } })
          }
        >
          Tell good news
        </Button>
        <Button
          measure="small"
          onClick={() =>
            tell({
              tone: "loss",
              title: "The export stopped",
              text: "The GPU was taken away. 12 of 19 segments are kept, nothing was charged.",
              action: { label: "Go on", onPress: () => undefined },
            })
          }
        >
          Tell bad news
        </Button>
      </div>
    </div>
  );
}
