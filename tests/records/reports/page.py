"""Reading a page back: elements, attributes and text, and whether the markup is sound."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr", "base", "source"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str | None]
    parent: "Element | None"
    parts: list["Element | str"] = field(default_factory=list)

    @property
    def children(self) -> list["Element"]:
        return [part for part in self.parts if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """The text directly inside, without that of its elements."""
        return "".join(part for part in self.parts if isinstance(part, str))

    def all(self, name: str) -> list["Element"]:
        return [child for child in self.walk() if child.name == name]

    def walk(self) -> list["Element"]:
        return [found for child in self.children for found in (child, *child.walk())]

    def content(self) -> str:
        """All text inside, in order, the elements a space apart."""
        return " ".join(part if isinstance(part, str) else part.content() for part in self.parts)


class Page(HTMLParser):
    """Parses a document and remembers every tag that was closed in the wrong place."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {}, None)
        self._open = self.root
        self.problems: list[str] = []
        self.feed(text)
        self.close()
        if self._open is not self.root:
            self.problems.append(f"<{self._open.name}> is never closed")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.problems.append(f"<{tag}> repeats an attribute: {names}")
        element = Element(tag, dict(attrs), self._open)
        self._open.parts.append(element)
        if tag not in VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        if self._open.name != tag:
            self.problems.append(f"</{tag}> closes <{self._open.name}>")
        if self._open.parent is not None:
            self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._open.parts.append(data)

    def words(self) -> str:
        return " ".join(self.root.content().replace("\u00a0", " ").split())

    def section(self, ident: str) -> str:
        found = next(element for element in self.root.walk() if element.attributes.get("id") == ident)
        return " ".join(found.content().replace("\u00a0", " ").split())
