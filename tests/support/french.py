"""Whether a page speaks French: no word of it is one that only English has."""

import re

from playwright.sync_api import Page

WORD = re.compile(r"[^\W\d_]+")
SAID = """
the and of with your you this that these those please from not are was were have has will would should could
error warning click submit save cancel delete next previous loading search password username settings task tasks
user users show hide edit remove update back home help yes failed missing required unknown workflow token tokens
inbox dashboard draft pending done select field fields upload download sign logout login success
invalid empty more less close closed new old first last all none any other names values
"""
ENGLISH = frozenset(SAID.split())
"""Function words, and those that screens of programs are made of; none is a French word."""
VALUES = re.compile(r"«[^»]*»|\b(tasks|not_concerned)\b")
"""What the caller wrote, said again, and values of the REST interface that are English words."""
TEXTS = """() => {
  const hidden = (one) => one.closest('script, style, code, pre, .mono, [data-modeler], [data-viewer], [lang=en]');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (!hidden(walker.currentNode.parentElement)) found.push(walker.currentNode.data);
  for (const one of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    if (!hidden(one)) for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
      found.push(one.getAttribute(name) || '');
  return [document.title, ...found].join('\\n');
}"""


def english(text: str) -> list[str]:
    """The English words of a text, in order, each once."""
    found = [word for word in WORD.findall(text.casefold()) if word in ENGLISH]
    return list(dict.fromkeys(found))


def english_for_programs(text: str) -> list[str]:
    """The same of what a program is told, whose values are no words."""
    return english(VALUES.sub("", text))


def assert_french(page: Page) -> None:
    """What a person reads or hears of a page; not what a program drew, nor code that is shown as such."""
    said = english(page.evaluate(TEXTS))
    assert not said, f"{page.url} says {', '.join(said)}"
