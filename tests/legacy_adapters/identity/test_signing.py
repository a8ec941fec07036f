"""What Django signs we read, what we sign Django reads, and both refuse the same."""

import pytest
from hypothesis import strategies

from legacy_adapters import signing
from legacy_adapters.signing import BadSignature, CookieSigning, Keys, SignatureExpired, Signer, TimestampSigner
from tests.legacy_adapters.identity.cases import generated
from tests.legacy_adapters.identity.conftest import FALLBACK, KEYS, Oracle, Refused

NOW = 1_750_000_000.5
texts = strategies.text(strategies.characters(exclude_categories=["Cs"]), max_size=40)
values = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers(-(2**60), 2**60) | texts,
    lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def clock() -> float:
    return NOW


GOLDEN = Keys("k" * 50, ("old-" + "k" * 46,))


def test_the_golden_vectors_of_django_5_2_are_ours() -> None:
    session = "django.contrib.sessions.SessionStore"
    login = {
        "_auth_user_id": "42",
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": "x",
    }
    made = {
        "small": signing.dumps({"a": 1}, GOLDEN, session, compress=True, clock=clock),
        "login": signing.dumps(login, GOLDEN, session, compress=True, clock=clock),
        "unicode": signing.dumps({"naïve": "Žluťoučký 🐎"}, GOLDEN, session, compress=True, clock=clock),
        "default": signing.dumps({"b": [1, 2]}, GOLDEN, clock=clock),
        "address": signing.dumps(7, GOLDEN, "account", clock=clock),
        "second kind": CookieSigning(GOLDEN, "5.2.19", clock=clock).sign("prefs", "hello", "s1"),
        "first kind": CookieSigning(GOLDEN, "5.2.14", clock=clock).sign("prefs", "hello", "s1"),
        "plain": Signer(GOLDEN, "x").sign("v"),
    }
    assert made == {
        "small": "eyJhIjoxfQ:1uQowS:AQQCfdBt8mAuB24APFY4UEysHDjvxCi9X1Bd2wIpEzM",
        "login": ".eJyrVopPLC3JiC8tTi2Kz0xRslIyMVLSQRZMSkzOTs0DyaRkJeal5-sl5-eVFGUm6YGU6EFli_V881NSc5ygalEMyEgszgDqrlCqBQBZNCb6:1uQowS:0V6MwJcmWBOzfuUVI3tvvbUYRPvKOF6v4kjU4nFbzEI",
        "unicode": ".eJyrVspLjCk1MEhNK0tVslICMg3NU3JKQbSZaT6YNkjJBqlIS1GIKU2xME4BkskGqUq1ADlXEw0:1uQowS:jydWxN9x0lbJzm6Ibb-i7IMBWjeySG3WeVFK4twc2QA",
        "default": "eyJiIjpbMSwyXX0:1uQowS:8YtO0lN58jfTBLt13D2az80X35ZG69qAP0GEYXnvMFM",
        "address": "Nw:1uQowS:_QXZGLeiU5vS8ckSGB99aoq7JLdtnDk07V5grBZs858",
        "second kind": "hello:1uQowS:o6Q79Nx_XUr-MU3qknXKy87u69hyhHP0_o1rsWLqbvs",
        "first kind": "hello:1uQowS:lE-3t_lHe-WBLJQaVnKS82uk2eZddl5-AL4Nh2VBz3o",
        "plain": "v:03gnOjrzJha8jbdVQAMYZ0KqlaVzj9xwuDlIsW_ukHw",
    }


@generated(9000, value=values, salt=texts, compress=strategies.booleans())
def test_objects_are_signed_alike_and_read_alike(bare: Oracle, value: object, salt: str, compress: bool) -> None:
    ours = signing.dumps(value, KEYS, salt, compress=compress, clock=clock)
    if salt:  # Django takes an empty salt for none
        assert ours == bare.ask("dumps", value=value, salt=salt, compress=compress, now=NOW)
        assert bare.ask("loads", value=ours, salt=salt, now=NOW) == value
    assert signing.loads(ours, KEYS, salt, clock=clock) == value


@generated(6000, value=texts, salt=texts.filter(bool))
def test_text_is_signed_alike(bare: Oracle, value: str, salt: str) -> None:
    assert Signer(KEYS, salt).sign(value) == bare.ask("sign", value=value, salt=salt)
    assert TimestampSigner(KEYS, salt, clock=clock).sign(value) == bare.ask("stamp", value=value, salt=salt, now=NOW)


def damaged(good: str, where: int, kind: str, letter: str) -> str:
    where %= len(good)
    return {
        "changed": good[:where] + letter + good[where + 1 :],
        "cut": good[:where],
        "cut in front": good[where:],
        "longer": good + letter,
        "inserted": good[:where] + letter + good[where:],
        "twice": f"{good}:{good}",
        "swapped": good.swapcase(),
    }[kind]


KINDS = ("changed", "cut", "cut in front", "longer", "inserted", "twice", "swapped")


@generated(
    9000,
    value=values,
    where=strategies.integers(0, 300),
    kind=strategies.sampled_from(KINDS),
    letter=strategies.characters(exclude_categories=["Cs"]) | strategies.sampled_from(".:-_=A9"),
)
def test_damaged_values_are_refused_alike(bare: Oracle, value: object, where: int, kind: str, letter: str) -> None:
    good = signing.dumps(value, KEYS, "s", compress=True, clock=clock)
    bad = damaged(good, where, kind, letter)
    try:
        theirs = bare.ask("loads", value=bad, salt="s", now=NOW)
    except Refused:
        with pytest.raises(BadSignature):
            signing.loads(bad, KEYS, "s", clock=clock)
    else:
        assert signing.loads(bad, KEYS, "s", clock=clock) == theirs


SIGNED_BY_HAND = [
    *("", ":", "::", "a", "a:", ":a", "a:b", "a:b:c", ".", ".a:1", "!:1", "a:-", "a:!", "a:-1uQowS", "AA:0", "é:1"),
    *("a" * 100_000, "eyJhIjoxfQ:", "eyJhIjoxfQ:é", "eyJhIjoxfQ:1uQow", "W10:zzzzzz", "e30=:1uQowS", "e30:1uQowS:2"),
]


@pytest.mark.parametrize("value", SIGNED_BY_HAND)
def test_odd_values_with_a_good_signature_are_read_alike(bare: Oracle, value: str) -> None:
    signed = Signer(KEYS, "s").sign(value)
    assert signed == bare.ask("sign", value=value, salt="s")
    try:
        theirs = bare.ask("loads", value=signed, salt="s", now=NOW, max_age=10_000_000)
    except Refused:
        with pytest.raises(BadSignature):
            signing.loads(signed, KEYS, "s", clock=clock, max_age=10_000_000)
    else:
        assert signing.loads(signed, KEYS, "s", clock=clock, max_age=10_000_000) == theirs


@pytest.mark.parametrize("age", [-1, 0, 9, 10, 10.4, 10.6, 11, 3600])
def test_values_expire_at_the_same_time(bare: Oracle, age: float) -> None:
    signed = TimestampSigner(KEYS, "s", clock=clock).sign("v")
    reader = TimestampSigner(KEYS, "s", clock=lambda: NOW + age)
    if bare.refuses("unstamp", value=signed, salt="s", max_age=10, now=NOW + age):
        with pytest.raises(SignatureExpired):
            reader.unsign(signed, 10)
    else:
        assert reader.unsign(signed, 10) == "v"


@pytest.mark.parametrize(
    ("keys", "read"),
    [(Keys(FALLBACK), True), (Keys(FALLBACK.encode()), True), (Keys("of another site"), False)],
    ids=["fallback", "bytes", "foreign"],
)
def test_fallback_secrets_still_read(bare: Oracle, keys: Keys, read: bool) -> None:
    signed = signing.dumps([1], keys, "s", clock=clock)
    assert bare.refuses("loads", value=signed, salt="s", now=NOW) is not read
    if read:
        assert signing.loads(signed, KEYS, "s") == [1]
    else:
        with pytest.raises(BadSignature):
            signing.loads(signed, KEYS, "s")


def test_a_salt_reads_only_its_own(bare: Oracle) -> None:
    signed = bare.ask("dumps", value=[1], salt="one")
    with pytest.raises(BadSignature):
        signing.loads(signed, KEYS, "another")
    assert bare.refuses("loads", value=signing.dumps([1], KEYS, "one"), salt="another")


@generated(6000, name=strategies.from_regex(r"[a-z]{1,8}", fullmatch=True), value=texts, salt=texts)
def test_signed_cookies_are_read_on_both_sides(bare: Oracle, name: str, value: str, salt: str) -> None:
    ours = CookieSigning(KEYS, bare.ask("version"), clock=clock)
    assert ours.unsign(name, bare.ask("signed_cookie", name=name, value=value, salt=salt, now=NOW), salt) == value
    assert bare.ask("read_signed_cookie", name=name, value=ours.sign(name, value, salt), salt=salt, now=NOW) == value
    old = CookieSigning(KEYS, "5.2.14", clock=clock).sign(name, value, salt)
    if bare.refuses("read_signed_cookie", name=name, value=old, salt=salt, now=NOW):  # as Django does since 6.1
        with pytest.raises(BadSignature):
            ours.unsign(name, old, salt)
    else:
        assert ours.unsign(name, old, salt) == value


@pytest.mark.parametrize(
    ("django", "second"),
    [
        *(("3.2.25", False), ("4.2.30", False), ("5.0.14", False), ("5.1.9", False), ("5.2", False)),
        *(("5.2.14", False), ("5.2.15", True), ("5.2.19", True), ("6.0", False), ("6.0.5", False), ("6.0.6", True)),
        *(("6.1", True), ("6.1.3", True), ("6.2", True), ("7.0rc1", True), ("6.0.6rc1", True)),
    ],
)
def test_the_patch_level_decides_the_salt(django: str, second: bool) -> None:
    assert signing.signs_second_kind(django) is second


def test_cookies_of_the_first_kind_can_be_refused(bare: Oracle) -> None:
    old = CookieSigning(KEYS, "5.2.14", clock=clock).sign("n", "v", "s")
    with pytest.raises(BadSignature):
        CookieSigning(KEYS, "5.2.19", legacy_fallback=False, clock=clock).unsign("n", old, "s")
    if not signing.signs_second_kind(bare.ask("version")):
        return  # that Django knows one kind only
    strict = bare.with_settings(SIGNED_COOKIE_LEGACY_SALT_FALLBACK=False)
    assert strict.refuses("read_signed_cookie", name="n", value=old, salt="s", now=NOW)


def test_a_signed_cookie_expires(bare: Oracle) -> None:
    cookies = CookieSigning(KEYS, "5.2.19", clock=clock)
    later = CookieSigning(KEYS, "5.2.19", clock=lambda: NOW + 100)
    signed = cookies.sign("n", "v")
    with pytest.raises(SignatureExpired):
        later.unsign("n", signed, max_age=60)
    assert bare.refuses("read_signed_cookie", name="n", value=signed, salt="", max_age=60, now=NOW + 100)


@pytest.mark.parametrize("sep", ["", "a", "-", "_", "=", "ab", "^"])
def test_a_separator_that_may_occur_in_a_value_is_refused(sep: str) -> None:
    with pytest.raises(ValueError, match="separator"):
        Signer(KEYS, sep=sep)
