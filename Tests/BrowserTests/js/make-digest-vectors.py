#!/usr/bin/env python3
"""Writes digest-vectors.json: documents and their digests, by a second implementation of protocol.md's rule.

Written from the protocol page alone and in whole numbers of any size, so that it shares neither code nor
arithmetic with the implementations that are checked against it. Usage: make-digest-vectors.py > digest-vectors.json
"""
import json
import sys

MODULUS = 2**31 - 1


def canonical(value):
    """RFC 8785 for what the vectors hold: strings, whole numbers, booleans, null, arrays, objects."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def fnv1a(text):
    value = 2166136261
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 16777619 % 2**32
    return value


def units(op):
    tag = fnv1a(canonical(op["attributes"])) % 2**9 * 2**21 if op.get("attributes") else 0
    insert = op["insert"]
    if isinstance(insert, str):
        encoded = insert.encode("utf-16-be")
        plain = [encoded[i] * 256 + encoded[i + 1] for i in range(0, len(encoded), 2)]
    else:
        plain = [65536 + fnv1a(canonical(insert)) % 2**20]
    return [(unit + tag) % MODULUS for unit in plain]


def digest(content):
    result = ""
    for base in (131, 65599):
        value = 0
        for op in content:
            for unit in units(op):
                value = (value * base + unit) % MODULUS
        result += f"{value:08x}"
    return result


VECTORS = [
    ("nothing", []),
    ("the empty document", [{"insert": "\n"}]),
    ("plain text", [{"insert": "Hello, world\n"}]),
    ("the same text in two runs", [{"insert": "Hello, "}, {"insert": "world\n"}]),
    ("a surrogate pair", [{"insert": "a😀b\n"}]),
    ("text of several scripts", [{"insert": "héllo, 世界, мир, שלום\n"}]),
    ("the highest units", [{"insert": "\ufffd\uffff\ufeff\n"}]),
    ("bold", [{"insert": "bold", "attributes": {"bold": True}}, {"insert": "\n"}]),
    ("two attributes, in one order", [{"insert": "x", "attributes": {"bold": True, "italic": True}}, {"insert": "\n"}]),
    ("two attributes, in the other order", [{"insert": "x", "attributes": {"italic": True, "bold": True}}, {"insert": "\n"}]),
    ("empty attributes are none", [{"insert": "x\n", "attributes": {}}]),
    ("a line format", [{"insert": "Title"}, {"insert": "\n", "attributes": {"header": 1}}]),
    ("an image", [{"insert": {"image": "https://example.org/a.png"}}, {"insert": "\n"}]),
    ("an image with attributes", [{"insert": {"image": "a.png"}, "attributes": {"alt": "Ä \"quoted\"", "width": 120}}, {"insert": "\n"}]),
    ("an embed of nested values", [{"insert": {"chart": {"z": [1, -2, None, True], "a": {"\u20ac": "\u0007\n"}}}}, {"insert": "\n"}]),
    ("names sorted by UTF-16 units", [{"insert": {"embed": {"\ufb33": 1, "😀": 2, "a": 3}}}, {"insert": "\n"}]),
    ("formatted surrogate pairs", [{"insert": "😀🎉", "attributes": {"color": "#ff0000", "link": "https://example.org/?a=b&c"}}, {"insert": "\n"}]),
    ("a long text", [{"insert": "The quick brown fox jumps over the lazy dog. " * 50 + "\n"}]),
]

entries = ",\n".join(
    "  " + json.dumps({"name": name, "content": content, "digest": digest(content)}, ensure_ascii=True)
    for name, content in VECTORS
)
sys.stdout.write(f"[\n{entries}\n]\n")
