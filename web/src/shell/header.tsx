import { CircleUserRound, Keyboard, Moon, QrCode, Sun, SunMoon } from "lucide-react";
import { useState } from "react";
import { Link, NavLink } from "react-router";
import { useAthletes } from "../api/session.ts";
import { Menu } from "../look/menu.tsx";
import { THEMES, useTheme } from "../look/theme.ts";
import { useHotkeys } from "./hotkeys.ts";
import { KeySheet } from "./key_sheet.tsx";
import { PLACES } from "./places.ts";
import { SecondDevice } from "./second_device.tsx";
import { Tray } from "./tray.tsx";

const THEME_NAMES = { system: "As the device", dark: "Dark", light: "Light" };
const THEME_ICONS = { system: SunMoon, dark: Moon, light: Sun };

/** What stands above every screen: where one is, what is under way, who one is. */
export function Header() {
  const [keysShown, showKeys] = useState(false);
  const [joins, setJoins] = useState(false);
  useHotkeys([{ keys: ["?"], label: "Show the keys", group: "Everywhere", run: () => showKeys(true) }]);
  return (
    <header className="sticky top-0 z-20 flex h-(--head) items-center gap-1 border-b border-line bg-surface px-4 desk:px-8">
      <Link to="/" aria-label="Reel Ballers: games" className="mr-3 flex h-10 items-center gap-2.5 rounded-plain">
        <img src="/icon.svg" alt="" width={28} height={28} />
        <span className="font-strong text-16 max-phone:sr-only">Reel Ballers</span>
      </Link>
      <nav aria-label="Places" className="flex h-full flex-1 items-stretch gap-1">
        {PLACES.map(({ path, label, icon: Icon }) => (
          <NavLink
            key={path}
            to={path}
            end={path === "/"}
            className="flex items-center gap-2 border-b-2 border-transparent px-3 font-strong text-quiet transition-colors duration-(--quick) ease-out -outline-offset-2! hover:text-text aria-[current=page]:border-accent aria-[current=page]:text-text"
          >
            <Icon aria-hidden size={18} />
            <span className="max-tablet:sr-only">{label}</span>
          </NavLink>
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
  const trigger = (
    <button
      type="button"
      aria-label={athlete ? `${athlete.name}: menu` : "Menu"}
      className="touchable inline-flex h-10 min-w-10 items-center justify-center gap-2 rounded-plain px-2.5 font-strong transition-colors duration-(--quick) ease-out hover:bg-hover data-[state=open]:bg-hover"
    >
      <CircleUserRound aria-hidden size={20} className="text-quiet" />
      {athlete ? <span className="max-w-32 truncate max-tablet:hidden">{athlete.name}</span> : null}
    </button>
  );
  return (
    <Menu
      trigger={trigger}
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
