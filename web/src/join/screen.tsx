import { useMutation } from "@tanstack/react-query";
import { DoorOpen, LinkIcon, TriangleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { answered, api } from "../api/client.ts";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { queries } from "../api/queries.ts";
import { Button } from "../look/button.tsx";
import { EmptyState } from "../look/empty.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useScreenTitle } from "../shell/title.ts";

/** Where a link of another device leads: this browser comes into that account. The link is good once. */
export default function JoinScreen() {
  useScreenTitle("Coming in");
  const navigate = useNavigate();
  const token = useRef(location.hash.slice(1));
  const join = useMutation({
    mutationFn: (leave_behind: boolean) =>
      answered(api.POST("/api/session/join", { body: { token: token.current, leave_behind } })),
    onSuccess: async () => {
      queries.clear(); // all that was read was of whoever this browser was before
      await navigate("/", { replace: true });
    },
  });
  const begun = useRef(false);
  const { mutate } = join;
  useEffect(() => {
    if (begun.current) return; // the link opens once, and effects may run twice
    begun.current = true;
    history.replaceState(history.state, "", location.pathname); // nobody reads the link off the address
    mutate(false);
  }, [mutate]);
  return (
    <div className="mx-auto w-full max-w-160 p-4 pt-16">
      <h1 className="sr-only">Coming in</h1>
      {join.isError ? (
        isRefusal(join.error, "account_not_empty") ? (
          <EmptyState
            icon={TriangleAlert}
            title="There are games on this device"
            text={`${sentenceOf(join.error)} Coming in leaves them behind for good.`}
            actions={
              <>
                <Button onClick={() => void navigate("/")}>Stay here</Button>
                <Button kind="danger" busy={join.isPending} onClick={() => mutate(true)}>
                  Leave them and come in
                </Button>
              </>
            }
          />
        ) : (
          <EmptyState
            icon={LinkIcon}
            title="This link does not open"
            text={`${sentenceOf(join.error)} On the other device, “Use another device” makes a new one.`}
            actions={
              <>
                <Button onClick={() => void navigate("/account#enter")}>Enter a recovery code</Button>
                <Button kind="go" onClick={() => void navigate("/")}>
                  To the games
                </Button>
              </>
            }
          />
        )
      ) : (
        <Loading label="Coming in">
          <div className="grid justify-items-center gap-4 py-12 text-quiet">
            <DoorOpen aria-hidden size={32} />
            <Skeleton className="h-5 w-48" />
          </div>
        </Loading>
      )}
    </div>
  );
}
