"""Keys, passwords and private keys; all of them drawn by chance."""

from __future__ import annotations

import base64
import hashlib
import random
import string
import uuid

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.detectors import Secrets

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
DRAW = random.Random(20)


def some(size: int, alphabet: str = ALNUM) -> str:
    return "".join(DRAW.choices(alphabet, k=size - 1)) + "7"


def found(text: str) -> list[str]:
    spans = Secrets()(pa.array([text])).to_pylist()
    return [text[span["start"] : span["end"]] for span in spans]


UPPER = string.ascii_uppercase + string.digits
KEYS = {
    "aws": "AK" + "IA" + some(16, UPPER),
    "google": "AI" + "za" + some(35),
    "github": "gh" + "p_" + some(36),
    "github fine": "github" + "_pat_" + some(82),
    "gitlab": "gl" + "pat-" + some(20),
    "slack": "xo" + f"xb-{some(11, string.digits)}-{some(24)}",
    "stripe": "sk" + "_live_" + some(24),
    "openai": "sk" + "-proj-" + some(48),
    "anthropic": "sk" + "-ant-api03-" + some(80),
    "hugging face": "h" + "f_" + some(34),
    "npm": "np" + "m_" + some(36),
    "pypi": "py" + "pi-AgE" + some(70),
    "twilio": "S" + "K" + some(32, HEX),
    "sendgrid": f"S{'G'}.{some(22)}.{some(43)}",
    "telegram": f"{some(9, string.digits)}:A{'A'}{some(33)}",
    "google oauth": "GOC" + "SPX-" + some(28),
    "jwt": f"ey{'J'}{some(20)}.{some(40)}.{some(43)}",
    "age": "AGE-SECRET" + "-KEY-1" + some(58, UPPER),
    "azure": f"Account{'Key'}={some(86)}==",
    "discord": f"M{some(23)}.{some(6)}.{some(38)}",
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_of_every_kind(name: str) -> None:
    key = KEYS[name]
    for text in (f"use {key} until Friday", f'"{key}"', f"key={key}", f"({key})", key, f"{key}."):
        assert key in "".join(found(text)), text
        assert len(found(text)) == 1
    spans = Secrets()(pa.array(["word", key, "word"])).to_pylist()
    assert [(s["text"], s["start"], s["end"]) for s in spans] == [(1, 0, len(key))]


def test_private_keys_are_found_whole() -> None:
    body = "\n".join(some(64) for _ in range(12))
    for kind in ("RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"):
        key = f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----"
        assert found(f"Here:\n{key}\nkeep it.") == [key]
        escaped = key.replace("\n", "\\n")
        assert found(f'{{"key": "{escaped}"}}') == [escaped]
        cut = key[:300]
        assert found(f"{cut}") == [cut]
    assert found(f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----") == []
    assert found("-----BEGIN CERTIFICATE-----") == []


def test_urls_with_a_password_and_headers() -> None:
    for url in ("postgresql://anna:h4fid@db.example.is:5432/base", "redis://x:y9z@h.example.is"):
        assert found(f"see {url}, now") == [url]
        assert found(url) == [url]
    token = some(40)
    assert found(f"Authorization: Bearer {token}") == [token]
    basic = base64.b64encode(b"anna.brimdal:hraun-73-Vik").decode()
    assert found(f"Authorization: Basic {basic}") == [basic]
    assert found("https://example.is/a:b@c and http://example.is") == []


def test_values_that_are_assigned() -> None:
    for text, value in (
        ("Password: hraun73Vik", "hraun73Vik"),
        ("lykilorð: hraun-73-Vik.", "hraun-73-Vik"),
        ("LYKILORÐ = 'brim9dalur'", "brim9dalur"),
        ('DB_PASSWORD="v1k!ng@sea"', "v1k!ng@sea"),
        ("mot de passe : Vik73hraun", "Vik73hraun"),
        ("Kennwort: Hraun!73", "Hraun!73"),
        ("contraseña: hr4un_vik", "hr4un_vik"),
        ('{"api_key": "9fQ2vK7xLm3TzW8r"}', "9fQ2vK7xLm3TzW8r"),
        ("client-secret: 9fQ2vK7xLm3TzW8r", "9fQ2vK7xLm3TzW8r"),
        ("パスワード: Vik73hraun", "Vik73hraun"),
    ):
        assert found(text) == [value], text


def test_what_is_no_secret() -> None:
    picture = base64.b64encode(random.Random(1).randbytes(3000)).decode()
    digest = hashlib.sha256(b"brim").hexdigest()
    for text in (
        str(uuid.UUID(int=2**127 + 5)), digest, f"sha256:{digest}", f"commit {digest[:40]}",
        "doi:10.1145/3292500.3330701", "ISBN 978-3-16-148410-0",
        f"data:image/png;base64,{picture}", "Vaðlaheiðarvegavinnuverkfærageymsluskúr",
        "/home/anna/skjol/2024-01-02_fundargerd_stjornar_v2.docx",
        "risk-based-assessment-2024-final",
        "https://example.is/frettir/2024/01/02/vedrid-i-dag?page=12", "Password: required",
        "password: 8 characters at least",
        "Password = get_password(1)", "token: str = field()",
        "api_key = os.environ['API_KEY_2']", "password: ${DB_PASSWORD1}",
        "your_password: <pass1234>",
        "secret: true", "Password: https://example.is/reset1", "the key: 12345678901234",
        "sk-" + "learn-pipelines-2024", "token: 2024-01-02T10:11:12", "pass: 1-0, 2-1",
    ):  # fmt: skip
        assert found(text) == [], text


def test_a_long_string_is_looked_at_in_pieces_and_to_its_end() -> None:
    key = KEYS["github"]
    text = "/" + "a1-" * 5000 + "/" + key
    assert found(text) == [key]


@given(st.text("aZ9-_./:=@ \"'{password:é\n", max_size=120))
def test_spans_lie_in_the_text(text: str) -> None:
    for span in Secrets()(pa.array([text, "x"])).to_pylist():
        assert 0 <= span["start"] < span["end"] <= len(text)


def test_a_key_of_a_manual_is_one_too() -> None:
    assert found("the key AKIAIOSFODNN7EXAMPLE on the board") == ["AKIAIOSFODNN7EXAMPLE"]
