import { useState } from "react";
import { Choice, Switch } from "../look/choice.tsx";
import { TextArea, TextField } from "../look/field.tsx";
import { RatingPicker } from "../look/rating.tsx";
import { Slider } from "../look/slider.tsx";
import { MOST_NOTES, type RatingValue } from "../reel/annotation.ts";

export function Forms() {
  const [notes, setNotes] = useState("Left foot, far corner ⚽");
  const [rating, setRating] = useState<RatingValue>(4);
  const [speed, setSpeed] = useState(0.5);
  const [aspect, setAspect] = useState("9:16");
  const [sound, setSound] = useState(true);
  return (
    <form className="grid gap-4" onSubmit={(event) => event.preventDefault()}>
      <RatingPicker value={rating} onChange={setRating} />
      <TextField label="Opponent" placeholder="FC Example" hint="As you say it on the touchline" />
      <TextField label="Match date" defaultValue="31.02.2026" error="There is no such day. Write it like 28.02.2026." />
      <TextArea label="Notes" value={notes} most={MOST_NOTES} onChange={(event) => setNotes(event.target.value)} />
      <Choice
        label="Shape"
        value={aspect}
        onChange={setAspect}
        options={["9:16", "16:9", "1:1", "4:5"].map((value) => ({ value, label: value }))}
      />
      <Slider
        label="Speed"
        value={speed}
        least={0.25}
        most={2}
        step={0.25}
        said={(value) => `${value}×`}
        onChange={setSpeed}
      />
      <Switch label="Sound" hint="Of this clip" on={sound} onChange={setSound} />
    </form>
  );
}
