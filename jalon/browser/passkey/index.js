/** Passkeys: asks the browser for one, and sends what it answers. Shown only where the browser knows them. */
const KNOWN = Boolean(window.PublicKeyCredential && navigator.credentials);

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const listed = (keys = []) => keys.map((key) => ({ ...key, id: bytes(key.id) }));

/** What went wrong, in words for the person. */
class Refusal extends Error {}

async function post(url, body, csrf) {
  const headers = { 'content-type': 'application/json', ...(csrf ? { 'x-csrf-token': csrf } : {}) };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Refusal(said.detail);
  return { status: answer.status, said };
}

/** The browser's answer as the server reads it, in browsers old and new. */
function plain(credential) {
  const { response } = credential;
  const parts = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[name]) parts[name] = text(response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {}, response: parts };
}

/** Sign in: to the page that was wanted, or to the one that asks for what is still missing. */
async function enter(root) {
  const { said: asked } = await post('/api/session/passkey/challenge', {});
  const publicKey = { ...asked.options, challenge: bytes(asked.options.challenge), allowCredentials: listed(asked.options.allowCredentials) };
  const credential = plain(await navigator.credentials.get({ publicKey }));
  const { status, said } = await post('/api/session/passkey', { step: asked.step, credential });
  const pages = { situation: '/connexion/situation', charter: '/connexion/charte' };
  const onward = encodeURIComponent(root.dataset.onward);
  location.assign(status === 202 ? `${pages[said.need]}?suite=${onward}` : root.dataset.onward);
}

async function add(root) {
  const { csrf, onward } = root.dataset;
  const { said: asked } = await post('/api/passkeys/challenge', {}, csrf);
  const { options } = asked;
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
  };
  const credential = plain(await navigator.credentials.create({ publicKey }));
  await post('/api/passkeys', { step: asked.step, credential, name: root.elements.name.value }, csrf);
  location.assign(onward);
}

function words(error) {
  if (error instanceof Refusal) return error.message;
  if (error.name === 'InvalidStateError') return 'Cet appareil a déjà une clé d’accès pour votre compte.';
  if (error.name === 'NotAllowedError') return 'L’appareil n’a pas donné de clé d’accès. Recommencez, ou connectez-vous autrement.';
  return 'La clé d’accès n’a pas pu servir. Recommencez, ou connectez-vous autrement.';
}

function listen(root) {
  const entering = root.dataset.passkey === 'enter';
  const told = root.querySelector('[role=alert]');
  root.hidden = false;
  root.addEventListener(entering ? 'click' : 'submit', async (event) => {
    if (entering && !event.target.closest('button')) return;
    event.preventDefault();
    told.hidden = true;
    try {
      await (entering ? enter(root) : add(root));
    } catch (error) {
      told.textContent = words(error);
      told.hidden = false;
    }
  });
}

if (KNOWN) document.querySelectorAll('[data-passkey]').forEach(listen);
