/** htmx under our Content-Security-Policy: nothing is evaluated, nothing is styled inline. */
import htmx from 'htmx.org';

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  scrollBehavior: 'instant',
});

/** An answer that says what must change in the form is shown, not dropped. */
htmx.config.responseHandling = [
  { code: '204', swap: false },
  { code: '[23]..', swap: true },
  { code: '(403|404|409|422)', swap: true, error: false },
  { code: '[45]..', swap: false, error: true },
];

document.addEventListener('htmx:sendError', () => tell('Pas de réseau. Ce que vous avez écrit reste ici : réessayez.'));
document.addEventListener('htmx:responseError', ({ detail }) => {
  if (detail.xhr.status === 401 && detail.requestConfig?.verb === 'get') return location.reload();
  if (detail.xhr.status === 401) {
    return tell('Vous avez été déconnecté. Ce que vous avez écrit est gardé sur cet appareil.', again());
  }
  tell('Quelque chose s’est cassé de notre côté. Rien de votre saisie n’est perdu : réessayez.');
});

document.addEventListener('htmx:beforeRequest', () => tell(''));

/** Say what went wrong where everybody sees and hears it: in the alert of the shell, which no swap ever replaces. */
function tell(words, ...more) {
  const region = document.getElementById('alerte');
  if (!region) return;
  region.replaceChildren(words, ...more);
  region.hidden = !words;
}

/** Back to this very page, by way of the sign-in: what is kept on the device is there again. */
function again() {
  return Object.assign(document.createElement('a'), { className: 'btn', href: location.href, textContent: 'Se reconnecter' });
}
