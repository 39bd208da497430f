import {
  ArrowDownWideNarrow,
  Clapperboard,
  Download,
  EllipsisVertical,
  FileDown,
  FileUp,
  ListFilter,
  Search,
  Settings2,
} from "lucide-react";
import { Button, IconButton } from "../look/button.tsx";
import { Menu } from "../look/menu.tsx";
import { RATING_VALUES, RATINGS, type RatingValue } from "../reel/annotation.ts";
import { type Filter, isOpen, ORDER_NAMES, ORDERS, type Order } from "./listing.ts";

/** What can be done with the clips as a whole. */
export interface ListDeeds {
  readonly onProject: () => void;
  readonly onExport: () => void;
  readonly onTsvOut: () => void;
  readonly onTsvIn: () => void;
  readonly onSettings: () => void;
}

interface ListToolsProps extends ListDeeds {
  readonly filter: Filter;
  readonly order: Order;
  readonly tags: readonly string[];
  readonly counts: ReadonlyMap<RatingValue, number>;
  readonly shown: number;
  readonly all: number;
  readonly onFilter: (filter: Filter) => void;
  readonly onOrder: (order: Order) => void;
}

/** Above the list: what is shown, in which order, and what can be made of it. */
export function ListTools(props: ListToolsProps) {
  const { filter, order, tags, counts, shown, all, onFilter, onOrder } = props;
  const none = all === 0 ? "There is no clip yet." : null;
  const ratings = RATING_VALUES.map((rating) => ({
    id: `least-${rating}`,
    label:
      rating === 1
        ? "Every rating"
        : `${RATINGS[rating].symbol} ${RATINGS[rating].name}${rating === 5 ? "" : " and better"}`,
    chosen: filter.least === rating,
    blocked: rating > 1 && !RATING_VALUES.some((one) => one >= rating && counts.get(one)) ? "None is rated so." : null,
    onSelect: () => onFilter({ ...filter, least: rating }),
  }));
  const tagged = tags.map((tag) => ({
    id: `tag-${tag}`,
    label: tag,
    chosen: filter.tags.includes(tag),
    onSelect: () =>
      onFilter({
        ...filter,
        tags: filter.tags.includes(tag) ? filter.tags.filter((one) => one !== tag) : [...filter.tags, tag],
      }),
  }));
  return (
    <header className="grid gap-2 border-line border-y px-4 py-2">
      <div className="flex items-center gap-1">
        <h2 className="flex-1 text-14">
          {/* on a phone the tab above says how many there are */}
          <span className={isOpen(filter) ? "max-desk:sr-only" : ""}>
            Clips <span className="tabular font-normal text-quiet">{isOpen(filter) ? all : `${shown} of ${all}`}</span>
          </span>
        </h2>
        <Menu
          trigger={
            <IconButton
              icon={ListFilter}
              label="Filter"
              measure="small"
              aria-pressed={!isOpen(filter)}
              blocked={none}
            />
          }
          groups={tagged.length ? [ratings, tagged] : [ratings]}
        />
        <Menu
          trigger={
            <IconButton
              icon={ArrowDownWideNarrow}
              label={`Order: ${ORDER_NAMES[order]}`}
              measure="small"
              blocked={none}
            />
          }
          groups={[
            ORDERS.map((one) => ({
              id: one,
              label: ORDER_NAMES[one],
              chosen: one === order,
              onSelect: () => onOrder(one),
            })),
          ]}
        />
        <Button
          icon={Clapperboard}
          measure="small"
          aria-label="Make a reel of these"
          blocked={shown ? null : "There is no clip here."}
          onClick={props.onProject}
        >
          Make a reel
        </Button>
        <Menu
          trigger={<IconButton icon={EllipsisVertical} label="More for the clips" measure="small" />}
          groups={[
            [{ id: "export", label: "Annotated video …", icon: Download, blocked: none, onSelect: props.onExport }],
            [
              { id: "out", label: "Save the clip list", icon: FileDown, blocked: none, onSelect: props.onTsvOut },
              { id: "in", label: "Bring in a clip list …", icon: FileUp, onSelect: props.onTsvIn },
            ],
            [{ id: "settings", label: "How much a new clip holds …", icon: Settings2, onSelect: props.onSettings }],
          ]}
        />
      </div>
      {all > 5 ? (
        <label className="relative block">
          <span className="sr-only">Search the clips</span>
          <Search
            aria-hidden
            size={16}
            className="pointer-events-none absolute top-2 left-2.5 text-quiet pointer-coarse:top-3.5"
          />
          <input
            type="search"
            value={filter.text}
            placeholder="Search names, notes and tags"
            onChange={(event) => onFilter({ ...filter, text: event.target.value })}
            className="h-8 w-full rounded-plain border border-line bg-surface pr-2 pl-8 placeholder:text-quiet pointer-coarse:h-11 pointer-coarse:text-16"
          />
        </label>
      ) : null}
    </header>
  );
}
