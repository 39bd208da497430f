"""Signed posts and the keys they are signed with."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.protocol import MOST_BYTES
from relay.signing import BadKeys, KeyRing, Refused, check_publish, publish_headers
from tests.relay.stage import KEYS, OLD_KEYS

NOW_S = 1_800_000_000.0
BODY = b'{"job":"x"}'


def refusal(headers: dict[str, str], body: bytes = BODY, now_s: float = NOW_S) -> str:
    with pytest.raises(Refused) as caught:
        check_publish(KEYS, headers, body, now_s)
    return f"{caught.value.status} {caught.value.code}"


def test_the_signature_is_the_documented_one():
    by_hand = hmac.new(b"2" * 32, b"pub:1800000000:" + BODY, hashlib.sha256).hexdigest()
    assert publish_headers(KEYS, BODY, NOW_S + 0.9) == {"X-RB-Ts": "1800000000", "X-RB-Kid": "k2", "X-RB-Sig": by_hand}


@given(st.binary(max_size=200), st.floats(-60, 60))
@settings(max_examples=50)
def test_what_was_signed_within_the_minute_is_let_in(body: bytes, skew_s: float):
    check_publish(KEYS, publish_headers(KEYS, body, NOW_S), body, NOW_S + skew_s)


def test_header_names_are_of_any_case():
    check_publish(
        KEYS, {name.upper(): value for name, value in publish_headers(KEYS, BODY, NOW_S).items()}, BODY, NOW_S
    )


@pytest.mark.parametrize("skew_s", [-61, 60.1, 3600, -1e9])
def test_another_time_is_refused(skew_s: float):
    assert refusal(publish_headers(KEYS, BODY, NOW_S), now_s=NOW_S + skew_s) == "401 wrong_time"


@pytest.mark.parametrize(
    "change",
    [
        {"X-RB-Sig": "0" * 64},
        {"X-RB-Sig": ""},
        {"X-RB-Sig": "é" * 64},
        {"X-RB-Kid": "k1"},
        {"X-RB-Kid": "k3"},
        {"X-RB-Kid": ""},
        {"X-RB-Ts": "1800000001"},
        {"X-RB-Ts": "1800000000.0"},
        {"X-RB-Ts": "١٨٠٠٠٠٠٠٠٠"},
        {"X-RB-Ts": "1800000000\n"},
        {"X-RB-Ts": "9" * 5000},
        {"X-RB-Ts": "-1"},
    ],
    ids=str,
)
def test_whatever_does_not_fit_is_refused(change: dict[str, str]):
    assert refusal(publish_headers(KEYS, BODY, NOW_S) | change) == "401 wrong_signature"


@pytest.mark.parametrize("absent", ["X-RB-Ts", "X-RB-Kid", "X-RB-Sig"])
def test_a_header_that_is_absent_is_refused(absent: str):
    headers = publish_headers(KEYS, BODY, NOW_S)
    del headers[absent]
    assert refusal(headers) == "401 wrong_signature"


def test_another_body_is_refused():
    assert refusal(publish_headers(KEYS, BODY, NOW_S), BODY + b" ") == "401 wrong_signature"


def test_a_body_is_measured_before_it_is_read():
    fits, large = b"x" * MOST_BYTES, b"x" * (MOST_BYTES + 1)
    check_publish(KEYS, publish_headers(KEYS, fits, NOW_S), fits, NOW_S)
    assert refusal(publish_headers(KEYS, large, NOW_S), large) == "413 too_large"


def test_a_key_is_rotated_without_a_gap():
    check_publish(KEYS, publish_headers(OLD_KEYS, BODY, NOW_S), BODY, NOW_S)
    with pytest.raises(Refused):
        check_publish(OLD_KEYS, publish_headers(KEYS, BODY, NOW_S), BODY, NOW_S)


def test_keys_are_read_from_a_setting_and_never_shown():
    keys = KeyRing.parse(f"new:{'a:b=' * 8}, old:{'c' * 32}")
    assert keys.secrets == (("new", b"a:b=" * 8), ("old", b"c" * 32))
    assert "ccc" not in repr(keys)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "k1",
        "k1:short",
        f"{'a' * 32}",
        f":{'a' * 32}",
        f"K:{'a' * 32}",
        f"k.1:{'a' * 32}",
        f"k:{'a' * 32},k:{'b' * 32}",
        f"k:{'a' * 32},",
    ],
)
def test_bad_keys_are_refused_when_they_are_read(text: str):
    with pytest.raises(BadKeys) as caught:
        KeyRing.parse(text)
    assert "aaaa" not in str(caught.value)
