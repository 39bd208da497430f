import { useMutation } from "@tanstack/react-query";
import { DoorOpen } from "lucide-react";
import { useState } from "react";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { TextField } from "../look/field.tsx";
import { recover } from "./account.ts";
import { Section } from "./section.tsx";

const FOR_NOBODY =
  "There is no account on this device yet: it begins with your first game, and you need not sign up. If you have one already, come in with its recovery code, or open “Use another device” there and point this camera at it.";
const FOR_SOMEBODY = "It brings this browser into the account that the code is of.";

/** Enter a recovery code: this browser comes into that account. */
export function ComeIn({ known }: { readonly known: boolean }) {
  const [code, say] = useState("");
  const enter = useMutation({ mutationFn: (leave_behind: boolean) => recover(code, leave_behind) });
  const leaves = isRefusal(enter.error, "account_not_empty");
  return (
    <Section title="Enter a recovery code" text={known ? FOR_SOMEBODY : FOR_NOBODY} id="enter">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate(false);
        }}
      >
        <TextField
          label="Recovery code"
          placeholder="7K3M-2QXN-0VZ8-H5RT-WA6J-9PGC-4DYE"
          maxLength={200}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          className="max-w-120"
          value={code}
          error={enter.isError && !leaves ? sentenceOf(enter.error) : null}
          onChange={({ target }) => {
            say(target.value);
            enter.reset();
          }}
        />
        {leaves ? (
          <Banner
            tone="loss"
            title="What is on this device would be left behind, for good."
            text={sentenceOf(enter.error)}
            actions={
              <Button kind="danger" measure="small" busy={enter.isPending} onClick={() => enter.mutate(true)}>
                Leave it and come in
              </Button>
            }
          />
        ) : (
          <div>
            <Button
              kind={known ? "plain" : "go"}
              icon={DoorOpen}
              submits
              busy={enter.isPending}
              blocked={code.trim() ? null : "Type the code first."}
            >
              Come in
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}
