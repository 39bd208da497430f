import { Choice } from "../look/choice.tsx";
import { ASPECTS, type Aspect } from "../project/document.ts";

const NAMES: Readonly<Record<Aspect, string>> = {
  "9:16": "9:16, upright",
  "16:9": "16:9, wide",
  "1:1": "1:1, square",
  "4:5": "4:5, portrait",
};

interface ShapeProps {
  readonly value: Aspect;
  readonly onChange: (aspect: Aspect) => void;
}

/** The shape of the reel: each drawn as it is. */
export function Shape({ value, onChange }: ShapeProps) {
  return (
    <Choice
      label="Shape"
      value={value}
      onChange={onChange}
      options={ASPECTS.map((aspect) => ({
        value: aspect,
        name: NAMES[aspect],
        label: (
          <span className="tabular flex items-center justify-center gap-2">
            <Outline aspect={aspect} />
            {aspect}
          </span>
        ),
      }))}
    />
  );
}

function Outline({ aspect }: { readonly aspect: Aspect }) {
  const [width = 1, height = 1] = aspect.split(":").map(Number);
  const scale = 16 / Math.max(width, height);
  return (
    <span
      aria-hidden
      className="shrink-0 rounded-[2px] border-[1.5px] border-current max-phone:hidden"
      style={{ width: width * scale, height: height * scale }}
    />
  );
}
