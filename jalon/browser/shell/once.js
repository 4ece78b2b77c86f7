/** What is pressed twice is sent once: a slow line leaves the button there, and a second press would send it all again. */
const WHILE = 5000;
let sent = new WeakMap();

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('hx-post')) return;
  const last = sent.get(form);
  if (last && last.submitter === submitter && performance.now() - last.at < WHILE) return event.preventDefault();
  sent.set(form, { submitter, at: performance.now() });
});
window.addEventListener('pageshow', () => { sent = new WeakMap(); });
