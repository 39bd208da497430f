import json
import math
from collections.abc import Callable
from fractions import Fraction
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reel import keys
from reel.errors import BadField, Json

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
OTHER = "01890a5d-ac96-774b-bcce-b302099a8058"
HASH = "0123456789abcdef" * 4

TABLE = {
    "dev-local/": keys.user_prefix("dev-local"),
    "u1/database.sqlite": keys.database("u1"),
    "u1/history/7.sqlite": keys.history("u1", 7),
    f"u1/games/{ID}/{OTHER}/original.mov": keys.original("u1", ID, OTHER, "mov"),
    f"u1/games/{ID}/{OTHER}/proxy.mp4": keys.proxy("u1", ID, OTHER),
    f"u1/games/{ID}/{OTHER}/ptsmap.json": keys.ptsmap("u1", ID, OTHER),
    f"u1/games/{ID}/{OTHER}/index.json": keys.index("u1", ID, OTHER),
    f"u1/games/{ID}/{OTHER}/sprite.jpg": keys.sprite("u1", ID, OTHER),
    f"u1/games/{ID}/{OTHER}/peaks.json": keys.peaks("u1", ID, OTHER),
    f"u1/games/{ID}/{OTHER}/windows/{HASH}.mp4": keys.window("u1", ID, OTHER, HASH),
    f"u1/raw_clips/{ID}-{HASH}.mp4": keys.raw_clip("u1", ID, HASH),
    f"u1/segments/{HASH}.mp4": keys.segment("u1", HASH),
    f"u1/previews/{HASH}.png": keys.preview("u1", HASH),
    f"u1/drafts/{ID}/{OTHER}.mp4": keys.draft("u1", ID, OTHER),
    f"u1/working_videos/{ID}/{OTHER}.mp4": keys.working_video("u1", ID, OTHER),
    f"u1/final_videos/{ID}/3.mp4": keys.final_video("u1", ID, 3),
    f"u1/final_videos/{ID}/3-small.mp4": keys.small_copy("u1", ID, 3),
    f"u1/views/{ID}.json": keys.views("u1", ID),
    f"u1/final_videos/{ID}/poster.jpg": keys.poster("u1", ID),
    f"u1/highlights/{ID}.json": keys.highlight("u1", ID),
    f"u1/downloads/{ID}.zip": keys.download("u1", ID, "zip"),
    f"u1/tracks/{HASH}.json": keys.track("u1", HASH),
    f"u1/temp/uploads/{ID}": keys.temp_upload("u1", ID),
    f"u1/jobs/{ID}/result.json": keys.result("u1", ID),
    f"u1/jobs/{ID}/segments.json": keys.segment_list("u1", ID),
    f"_active/{ID}.json": keys.active(ID),
    f"_sessions/{HASH}.json": keys.session(HASH),
    f"_shares/{HASH}.json": keys.share(HASH),
    "_ledger/u1/12.json": keys.ledger("u1", 12),
    f"u1/devices/{HASH}.json": keys.device("u1", HASH),
    "u1/recovery.json": keys.recovery("u1"),
    f"_logins/{HASH}.json": keys.login(HASH),
    f"_logins/{HASH}/used.json": keys.login_used(HASH),
    "_leaving/u1.json": keys.leaving("u1"),
}

json_values: st.SearchStrategy[Json] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("key", TABLE)
def test_every_key_is_spelled_as_the_design_does(key: str):
    assert TABLE[key] == key


def test_what_a_user_owns_begins_with_the_users_prefix():
    assert keys.source_prefix("u1", ID, OTHER) == f"u1/games/{ID}/{OTHER}/"
    assert keys.temp_upload("u1", ID).startswith(keys.uploads_prefix("u1"))
    assert keys.active(ID).startswith(keys.ACTIVE_PREFIX)
    assert all(key.startswith(("u1/", "dev-local/", "_")) for key in TABLE)


@pytest.mark.parametrize("user", ["a", "dev-local", "0f" * 32, ID])
def test_user_ids_that_are_some(user: str):
    assert keys.checked_user(user) == user


@pytest.mark.parametrize(
    "user", ["", "_active", "-a", "A", "a/b", "..", "a.b", "a b", "a\n", "é", "a" * 65, "a\x00", "a%2e"]
)
def test_user_ids_that_are_none(user: str):
    with pytest.raises(BadField) as raised:
        keys.user_prefix(user)
    assert raised.value.details["field"] == "/user"


@pytest.mark.parametrize("version", range(1, 9))
def test_a_uuid_may_have_any_version(version: int):
    assert keys.checked_uuid(ID[:14] + str(version) + ID[15:])


@pytest.mark.parametrize(
    "text",
    [
        "",
        ID.upper(),
        ID.replace("-", ""),
        f"{{{ID}}}",
        f"{ID}\n",
        f"../{ID}",
        ID[:14] + "0" + ID[15:],
        ID[:14] + "9" + ID[15:],
        ID[:19] + "0" + ID[20:],
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_is_no_canonical_uuid(text: str):
    with pytest.raises(BadField) as raised:
        keys.result("u1", text)
    assert raised.value.details["field"] == "/job"


@pytest.mark.parametrize("digest", ["", HASH[:-1], f"{HASH}0", HASH.upper(), f"{HASH[:-1]}g", f"{HASH}\n"])
def test_what_is_no_sha256(digest: str):
    with pytest.raises(BadField):
        keys.segment("u1", digest)


@pytest.mark.parametrize("ext", ["", "MP4", ".mp4", "exe", "mp4/../x", "sqlite"])
def test_extensions_come_from_a_list(ext: str):
    with pytest.raises(BadField):
        keys.original("u1", ID, OTHER, ext)
    with pytest.raises(BadField):
        keys.download("u1", ID, ext)


@pytest.mark.parametrize("make", [keys.history, keys.ledger])
@pytest.mark.parametrize("number", [-1, True, 1.0])
def test_numbers_are_whole_and_from_0(make: Callable[[str, int], str], number: int):
    with pytest.raises(BadField):
        make("u1", number)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [True, None, "é\n"]}, '{"a":[true,null,"é\\n"],"b":1}'),
        ((1, 2), "[1,2]"),
        (Fraction(30000, 1001), "[30000,1001]"),
        ([0.0, -0.0, 1.0, 0.1, 1e300], f"[0,0,1,0.1,{int(1e300)}]"),
    ],
)
def test_the_canonical_form(value: object, written: str):
    assert keys.canonical_json(value) == written.encode()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (math.nan, ""),
        ([1, {"a": math.inf}], "/1/a"),
        ({1: 2}, ""),
        ({"a": b"bytes"}, "/a"),
        ({"a": {1, 2}}, "/a"),
        ({"a": "\ud800"}, "/a"),
        ({"\udfff": 1}, ""),
    ],
)
def test_what_has_no_canonical_form(value: object, field: str):
    with pytest.raises(BadField) as raised:
        keys.canonical_json(value)
    assert raised.value.details["field"] == field


def test_a_hash_is_the_sha256_of_the_canonical_form():
    assert keys.content_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@given(json_values)
def test_the_canonical_form_says_the_same_and_does_not_depend_on_the_order(value: Json):
    written = keys.canonical_json(value)
    read = json.loads(written)
    assert read == value
    assert keys.canonical_json(reversed_members(read)) == written


@given(st.binary(min_size=32, max_size=32))
def test_a_hash_has_a_uuid_of_version_8(digest: bytes):
    text = keys.uuid_of(digest.hex())
    assert keys.checked_uuid(text) == str(UUID(text))
    assert (UUID(text).version, UUID(text).variant) == (8, RFC_4122)
    assert UUID(text).bytes[:6] == digest[:6]
    assert UUID(text).bytes[9:] == digest[9:16]


def reversed_members(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: reversed_members(value[name]) for name in reversed(value)}
    return [reversed_members(item) for item in value] if isinstance(value, list) else value
