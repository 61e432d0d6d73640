"""Words for writing a guide as Python: each makes the raw value of one block.

Every section has a `key`, the same in all languages, from which the blocks take their ids: thus the two
languages are translations of each other block by block, and a text that is loaded again is the same text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Raw = dict[str, Any]

# As a picture is stored when there is none.
NO_PICTURE = {"image": None, "decorative": None, "alt_text": None}


@dataclass(frozen=True)
class Guide:
    """One guide in one language. `slug` is the end of its address; `introduction` is rich text."""

    title: str
    slug: str
    introduction: str
    description: str
    sections: tuple[Raw, ...]


def section(key: str, heading: str, *content: Raw, anchor: str, screens: tuple[str, ...] = ()) -> Raw:
    value = {"heading": heading, "anchor": anchor, "screens": list(screens), "content": list(content)}
    return {"type": "section", "value": value, "key": key}


def text(*paragraphs: str) -> Raw:
    return {"type": "paragraph", "value": "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)}


def listing(*entries: str, lead: str = "", after: str = "") -> Raw:
    items = "".join(f"<li>{entry}</li>" for entry in entries)
    before = f"<p>{lead}</p>" if lead else ""
    behind = f"<p>{after}</p>" if after else ""
    return {"type": "paragraph", "value": f"{before}<ul>{items}</ul>{behind}"}


def steps(*pairs: tuple[str, str]) -> Raw:
    return {
        "type": "steps",
        "value": {
            "steps": [
                {
                    "type": "item",
                    "value": {"heading": heading, "text": f"<p>{words}</p>", "picture": dict(NO_PICTURE)},
                }
                for heading, words in pairs
            ]
        },
    }


def legend(*entries: tuple[str, str, str]) -> Raw:
    return {
        "type": "legend",
        "value": {
            "entries": [
                {"type": "item", "value": {"sign": sign, "name": name, "meaning": f"<p>{meaning}</p>"}}
                for sign, name, meaning in entries
            ]
        },
    }


def glossary(*entries: tuple[str, str]) -> Raw:
    return {
        "type": "glossary",
        "value": {
            "entries": [
                {"type": "item", "value": {"term": term, "meaning": f"<p>{meaning}</p>"}}
                for term, meaning in entries
            ]
        },
    }


def notice_box(heading: str, words: str, tone: str = "information") -> Raw:
    return {"type": "notice_box", "value": {"tone": tone, "heading": heading, "text": f"<p>{words}</p>"}}


def question(asked: str, answer: str) -> Raw:
    return {"type": "question_and_answer", "value": {"question": asked, "answer": f"<p>{answer}</p>"}}


def limits(*shown: str) -> Raw:
    return {"type": "limits", "value": {"shown": list(shown)}}


def sign_in_button() -> Raw:
    return {"type": "sign_in_button", "value": None}


def contact_card(heading: str, words: str) -> Raw:
    return {"type": "contact_card", "value": {"heading": heading, "text": f"<p>{words}</p>"}}


def finished(raw: Any, path: str, typography: Callable[[str], str]) -> Any:
    """The same raw value with ids made from where each block stands, and with its language's typography."""
    if isinstance(raw, str):
        return typography(raw)
    if isinstance(raw, list | tuple):
        return [finished(entry, f"{path}/{number}", typography) for number, entry in enumerate(raw)]
    if isinstance(raw, dict) and "type" in raw and "value" in raw:
        here = f"{path}/{raw['key']}" if "key" in raw else path
        return {
            "type": raw["type"],
            "value": finished(raw["value"], here, typography),
            "id": str(uuid5(NAMESPACE_URL, f"urn:connexion:guide:{here}")),
        }
    if isinstance(raw, dict):
        return {name: finished(entry, f"{path}/{name}", typography) for name, entry in raw.items()}
    return raw
