// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useConnection } from "./connection.ts";
import { ApiError, isRefusal, refusalFrom, sentenceOf, Unreachable } from "./errors.ts";
import { pause, send } from "./sending.ts";

const URL_OF_GAMES = "http://localhost:8000/api/games";

/** A service that answers as it is told to, one thing after another; what it was asked stands in `asked`. */
function service(...answers: readonly (Response | Error)[]) {
  const asked: { key: string | null; body: string }[] = [];
  const left = [...answers];
  vi.stubGlobal("fetch", async (request: Request | string) => {
    if (typeof request === "string") return new Response("{}"); // whether it is there at all
    asked.push({ key: request.headers.get("Idempotency-Key"), body: await request.text() });
    const answer = left.shift();
    if (answer instanceof Response) return answer;
    throw answer;
  });
  return asked;
}

function write(headers: Record<string, string> = {}): Request {
  return new Request(URL_OF_GAMES, { method: "POST", body: '{"id":"1"}', headers });
}

beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  useConnection.setState({ reached: true });
});
afterEach(() => vi.unstubAllGlobals());

test("a write whose answer was lost is sent again under the same key, body and all", async () => {
  const asked = service(new TypeError("cut"), new Response(null, { status: 503 }), new Response("{}", { status: 201 }));
  expect((await send(write())).status).toBe(201);
  expect(asked.map(({ body }) => body)).toEqual(['{"id":"1"}', '{"id":"1"}', '{"id":"1"}']);
  expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  expect(asked[0]?.key).toMatch(/^[\x21-\x7e]{1,255}$/);
  expect(useConnection.getState().reached).toBe(true);
});

test("two writes have two keys; one that brings its own keeps it; a read has none", async () => {
  const asked = service(new Response(), new Response(), new Response(), new Response());
  await send(write());
  await send(write());
  await send(write({ "Idempotency-Key": "mine" }));
  await send(new Request(URL_OF_GAMES));
  const [first, second, third, fourth] = asked.map(({ key }) => key);
  expect(first).not.toBe(second);
  expect([third, fourth]).toEqual(["mine", null]);
});

test("a refusal is an answer: it is not asked for again", async () => {
  const asked = service(new Response("{}", { status: 409 }));
  expect((await send(write())).status).toBe(409);
  expect(asked.length).toBe(1);
});

test("where nothing answers it says so, and so does the page", async () => {
  const asked = service(new TypeError("1"), new TypeError("2"), new TypeError("3"));
  await expect(send(write())).rejects.toBeInstanceOf(Unreachable);
  expect(asked.length).toBe(3);
  expect(useConnection.getState().reached).toBe(false);
});

test("whoever gives up waiting is not kept", async () => {
  const gone = new AbortController();
  const waiting = pause(60_000, gone.signal);
  gone.abort();
  await expect(waiting).rejects.toThrow();
  await expect(pause(0, gone.signal)).rejects.toThrow();
});

test("a refusal says what the API said; what is no answer of it is said as a fault of ours", () => {
  const said = {
    code: "stale_revision",
    message: "This was changed elsewhere.",
    details: { revision: 4 },
    request_id: "r",
  };
  const refusal = refusalFrom(said, 409);
  expect([refusal.code, refusal.details.revision, sentenceOf(refusal)]).toEqual(["stale_revision", 4, said.message]);
  expect([isRefusal(refusal, "stale_revision"), isRefusal(refusal, "not_found")]).toEqual([true, false]);
  expect(refusalFrom("<html>", 502)).toBeInstanceOf(ApiError);
  expect(sentenceOf(new Error("x"))).toBe("Something went wrong here.");
});
