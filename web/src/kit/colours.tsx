import { RatingBadge } from "../look/rating.tsx";
import { RATING_VALUES } from "../reel/annotation.ts";

const GROUNDS = ["bg-ground", "bg-surface", "bg-raised", "bg-hover", "bg-selected", "bg-doubtful", "bg-lost"];

export function Colours() {
  return (
    <div className="grid gap-6">
      <div className="grid grid-cols-2 gap-2 tablet:grid-cols-4 desk:grid-cols-7">
        {GROUNDS.map((ground) => (
          <div key={ground} className={`grid rounded-plain border border-line p-3 text-12 ${ground}`}>
            <span className="pb-1 font-strong">{ground.slice(3)}</span>
            <span className="text-quiet">quiet</span>
            <span className="text-go">go</span>
            <span className="text-doubt">doubt</span>
            <span className="text-loss">loss</span>
          </div>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {RATING_VALUES.map((rating) => (
          <RatingBadge key={rating} rating={rating} named />
        ))}
      </div>
      <div className="grid gap-1">
        <p className="text-28">28 Left foot, far corner</p>
        <p className="text-20">20 Past two, then a low cross</p>
        <p className="text-16">16 Past two, then a low cross: 1:02:03.40</p>
        <p className="text-14">14 Past two, then a low cross: 1:02:03.40, žluťoučký kůň, Ελλάδα, Україна</p>
        <p className="text-12 text-quiet">12 Saved 12:04</p>
        <p className="tabular text-16">
          1:11:11.11
          <br />
          0:00:00.00
        </p>
      </div>
    </div>
  );
}
