import { sentenceOf } from "../api/errors.ts";
import { useSession } from "../api/session.ts";
import { NotRead } from "../look/empty.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useScreenTitle } from "../shell/title.ts";
import { Athletes } from "./athletes.tsx";
import { ComeIn } from "./come_in.tsx";
import { Devices } from "./devices.tsx";
import { Recovery } from "./recovery.tsx";
import { SettingsForm } from "./settings_form.tsx";
import { Storage } from "./storage.tsx";
import { YourData } from "./your_data.tsx";

/** The account: who may come in, whose reels it makes, what it holds, how it is set, and how it ends. */
export default function AccountScreen() {
  useScreenTitle("Account");
  const session = useSession();
  return (
    <div className="mx-auto grid w-full max-w-360 gap-6 p-4 *:max-w-240 tablet:p-6 desk:p-8">
      <div className="flex min-h-10 items-center">
        <h1 className="text-28">Account</h1>
      </div>
      {session.data ? (
        session.data.user ? (
          <>
            <Recovery recoverable={session.data.recoverable} />
            <Devices recoverable={session.data.recoverable} />
            <Athletes />
            <Storage />
            <SettingsForm />
            <YourData />
            <ComeIn known />
          </>
        ) : (
          <ComeIn known={false} />
        )
      ) : session.isError ? (
        <NotRead
          title="The account is not here yet"
          text={sentenceOf(session.error)}
          isTrying={session.isFetching}
          onAgain={() => void session.refetch()}
        />
      ) : (
        <Loading label="Loading the account">
          <div className="grid gap-6">
            <Skeleton className="h-40" />
            <Skeleton className="h-40" />
            <Skeleton className="h-60" />
          </div>
        </Loading>
      )}
    </div>
  );
}
