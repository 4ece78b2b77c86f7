/** After a swap that replaces what one was doing, the focus goes to what must be read first. */
const FIRST = ['[autofocus]', '[role="alert"][tabindex]', '.refuse[tabindex]', 'h1'];

/** The element of a swapped block that takes the focus: a summary of mistakes, else the title. */
function firstToRead(block) {
  for (const selector of FIRST) {
    const found = block.matches?.(selector) ? block : block.querySelector(selector);
    if (found) return found;
  }
  return null;
}

/** Only when what had the focus is gone: a list refreshed while one types leaves the focus where it is. */
document.addEventListener('htmx:afterSettle', (event) => {
  const lost = !document.activeElement || document.activeElement === document.body;
  if (!lost || event.detail.requestConfig?.verb === 'get') return;
  const target = firstToRead(event.target);
  if (!target) return;
  if (!target.hasAttribute('tabindex')) target.setAttribute('tabindex', '-1');
  target.focus();
});
