import { useMutation } from "@tanstack/react-query";
import { LogOut, MonitorSmartphone, QrCode } from "lucide-react";
import { useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Skeleton } from "../look/skeleton.tsx";
import { useToasts } from "../look/toast.tsx";
import { SecondDevice } from "../shell/second_device.tsx";
import { dateSaid } from "../shell/times.ts";
import { type Device, signOut, signOutDevice, useDevices } from "./account.ts";
import { Code } from "./recovery.tsx";
import { Section } from "./section.tsx";

/** The devices that are signed in, and how another one comes in. */
export function Devices({ recoverable }: { readonly recoverable: boolean }) {
  const devices = useDevices();
  const [joins, setJoins] = useState(false);
  const [leaves, setLeaves] = useState(false);
  return (
    <Section title="Devices" text="Each of them sees and changes everything. One that is lost is signed out here.">
      {devices.isError ? (
        <Banner tone="doubt" title="The devices are not here yet." text={sentenceOf(devices.error)} />
      ) : devices.data ? (
        <ul className="grid divide-y divide-line">
          {devices.data.map((device) => (
            <li key={device.id} className="py-2 first:pt-0 last:pb-0">
              <Line device={device} onSignOut={() => setLeaves(true)} />
            </li>
          ))}
        </ul>
      ) : (
        <Skeleton className="h-12" />
      )}
      <div>
        <Button
          icon={QrCode}
          onClick={() => {
            setJoins(true);
          }}
        >
          Use another device
        </Button>
      </div>
      <SecondDevice
        open={joins}
        onOpenChange={(open) => {
          setJoins(open);
          if (!open) void devices.refetch(); // it may have come in
        }}
      />
      {leaves ? (
        <SignOut recoverable={recoverable} only={devices.data?.length === 1} onClose={() => setLeaves(false)} />
      ) : null}
    </Section>
  );
}

function Line({ device, onSignOut }: { readonly device: Device; readonly onSignOut: () => void }) {
  const leave = useMutation({
    mutationFn: () => signOutDevice(device.id),
    onSuccess: () => useToasts.getState().tell({ title: `${device.name || "The device"} is signed out` }),
    onError: (error) =>
      useToasts.getState().tell({ title: "It is still signed in", text: sentenceOf(error), tone: "loss" }),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <MonitorSmartphone aria-hidden size={20} className="shrink-0 text-quiet" />
      <div className="grid min-w-0 flex-1">
        <p className="truncate font-strong">
          {device.name || "A device"}
          {device.this ? <span className="font-normal text-go"> · this one</span> : null}
        </p>
        <p className="tabular text-12 text-quiet">Last here on {dateSaid(device.seen_at.slice(0, 10))}</p>
      </div>
      <Button
        measure="small"
        icon={LogOut}
        busy={leave.isPending}
        aria-label={device.this ? "Sign out" : `Sign out ${device.name || "a device"}`}
        onClick={() => (device.this ? onSignOut() : leave.mutate())}
      >
        Sign out
      </Button>
    </div>
  );
}

interface SignOutProps {
  readonly recoverable: boolean;
  readonly only: boolean;
  readonly onClose: () => void;
}

/** Signing out of this browser: who has no other way back is warned. */
function SignOut({ recoverable, only, onClose }: SignOutProps) {
  const [codes, setCodes] = useState(false);
  const leave = useMutation({ mutationFn: signOut });
  const loses = !recoverable && only;
  if (codes) return <Code replaces={false} onClose={() => setCodes(false)} />;
  return (
    <Dialog
      open
      held={leave.isPending}
      onOpenChange={(open) => open || onClose()}
      title={loses ? "Sign out and lose everything?" : "Sign out of this browser?"}
      description={
        loses
          ? "This is the only device, and there is no recovery code: nobody could come into this account any more. Games, clips and reels would be lost."
          : recoverable
            ? "Your recovery code, or another device, brings you back."
            : "There is no recovery code: only your other devices come back into this account."
      }
      actions={
        <>
          <Button onClick={onClose}>Stay</Button>
          {recoverable ? null : (
            <Button kind="go" onClick={() => setCodes(true)}>
              Make a recovery code
            </Button>
          )}
          <Button kind="danger" busy={leave.isPending} onClick={() => leave.mutate()}>
            {loses ? "Sign out and lose it" : "Sign out"}
          </Button>
        </>
      }
    >
      {leave.isError ? <Banner tone="loss" title="You are still signed in." text={sentenceOf(leave.error)} /> : null}
    </Dialog>
  );
}
