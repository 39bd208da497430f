import { Ellipsis, Keyboard, Moon, QrCode, Sun, SunMoon } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { useAthletes } from "../api/session.ts";
import { useIsDesk } from "../look/desk.ts";
import { Menu } from "../look/menu.tsx";
import { THEMES, useTheme } from "../look/theme.ts";
import { useHotkeys } from "./hotkeys.ts";
import { KeySheet } from "./key_sheet.tsx";
import { isAt, PLACES } from "./places.ts";
import { SecondDevice } from "./second_device.tsx";
import { Tray } from "./tray.tsx";

const THEME_NAMES = { system: "As the device", dark: "Dark", light: "Light" };
/** A place: an icon over its name, with a line where one is; on a tablet beside it. */
const PLACE =
  "flex items-center justify-center border-transparent font-strong text-quiet transition-colors duration-(--quick) ease-out " +
  "-outline-offset-2! hover:text-text aria-[current=page]:border-accent aria-[current=page]:text-text " +
  "max-desk:border-y-2 max-desk:border-t-transparent! max-tablet:flex-1 max-tablet:flex-col max-tablet:gap-0.5 max-tablet:text-12 tablet:max-desk:gap-2 tablet:max-desk:px-3 " +
  "desk:h-16 desk:flex-col desk:gap-1 desk:border-x-2 desk:border-r-transparent! desk:text-12 desk:hover:bg-hover";

const THEME_ICONS = { system: SunMoon, dark: Moon, light: Sun };

/** What stands around every screen, above it or at a desk at its left: the places, what is under way, who one is. */
export function Header() {
  const [keysShown, showKeys] = useState(false);
  const [joins, setJoins] = useState(false);
  const { pathname } = useLocation();
  useHotkeys([{ keys: ["?"], label: "Show the keys", group: "Everywhere", run: () => showKeys(true) }]);
  return (
    <header className="sticky top-0 z-20 flex items-center gap-1 border-line bg-surface max-desk:h-(--bar) max-desk:border-b max-desk:px-2 tablet:max-desk:px-4 desk:h-dvh desk:w-(--rail) desk:shrink-0 desk:flex-col desk:overflow-y-auto desk:border-r desk:py-3">
      <Link
        to="/"
        aria-label="Reel Ballers: games"
        className="touchable flex h-10 shrink-0 items-center gap-2.5 rounded-plain px-2 max-phone:mr-0 max-desk:mr-2 desk:mb-3"
      >
        <img src="/icon.svg" alt="" width={28} height={28} />
        <span className="font-strong text-16 max-tablet:sr-only desk:sr-only">Reel Ballers</span>
      </Link>
      <nav aria-label="Places" className="flex flex-1 items-stretch gap-1 max-desk:h-full desk:w-full desk:flex-col">
        {PLACES.map((place) => (
          <Link
            key={place.path}
            to={place.path}
            aria-current={isAt(place, pathname) ? "page" : undefined}
            className={PLACE}
          >
            <place.icon aria-hidden size={20} />
            {place.label}
          </Link>
        ))}
      </nav>
      <Tray />
      <Who onKeys={() => showKeys(true)} onSecondDevice={() => setJoins(true)} />
      <KeySheet open={keysShown} onOpenChange={showKeys} />
      <SecondDevice open={joins} onOpenChange={setJoins} />
    </header>
  );
}

interface WhoProps {
  readonly onKeys: () => void;
  readonly onSecondDevice: () => void;
}

function Who({ onKeys, onSecondDevice }: WhoProps) {
  const { theme, choose } = useTheme();
  const athlete = useAthletes().data?.[0];
  const isDesk = useIsDesk();
  const trigger = (
    <button
      type="button"
      aria-label={athlete ? `${athlete.name}: menu` : "Menu"}
      className="touchable flex h-10 min-w-10 shrink-0 items-center justify-center gap-2 rounded-plain px-2.5 font-strong transition-colors duration-(--quick) ease-out -outline-offset-2! hover:bg-hover data-[state=open]:bg-hover desk:h-12 desk:w-full desk:flex-col desk:gap-0 desk:rounded-none"
    >
      {athlete ? (
        <>
          <Initial name={athlete.name} />
          <span className="max-w-32 truncate max-tablet:hidden desk:hidden">{athlete.name}</span>
        </>
      ) : (
        <Ellipsis aria-hidden size={20} className="text-quiet" />
      )}
    </button>
  );
  return (
    <Menu
      trigger={trigger}
      side={isDesk ? "right" : "bottom"}
      groups={[
        [
          { id: "device", label: "Use another device", icon: QrCode, onSelect: onSecondDevice },
          { id: "keys", label: "Keys", icon: Keyboard, keys: "?", onSelect: onKeys },
        ],
        THEMES.map((one) => ({
          id: one,
          label: THEME_NAMES[one],
          icon: THEME_ICONS[one],
          chosen: one === theme,
          onSelect: () => choose(one),
        })),
      ]}
    />
  );
}

/** An athlete's first letter: whom this account is about. */
function Initial({ name }: { readonly name: string }) {
  return (
    <span aria-hidden className="grid size-7 place-items-center rounded-full border border-outline text-12">
      {[...name.trim()][0]?.toLocaleUpperCase()}
    </span>
  );
}
