/** Fetching what an island shows, and saying in plain words when it cannot be had. */
export async function fetchAnswer(url, options = {}) {
  const response = await fetch(url, { credentials: 'same-origin', ...options });
  if (!response.ok) throw new Error(await reasonOf(response));
  return response;
}

export async function fetchText(url, options = {}) {
  return (await fetchAnswer(url, options)).text();
}

export async function fetchJson(url, options = {}) {
  return JSON.parse(await fetchText(url, options));
}

/** The sentence of a problem+json answer, or one of our own. */
export async function reasonOf(response) {
  if (response.status === 401) return 'Vous avez été déconnecté. Reconnectez-vous dans un autre onglet, puis réessayez.';
  try {
    const problem = await response.clone().json();
    return problem.detail || problem.title || fallback(response.status);
  } catch {
    return fallback(response.status);
  }
}

function fallback(status) {
  return status >= 500 ? 'Quelque chose s’est cassé de notre côté.' : 'La demande a été refusée.';
}

/** A notice in place of a picture that could not be shown. */
export function showFailure(host, error) {
  const notice = document.createElement('div');
  notice.className = 'notice notice--late bp-failure';
  notice.setAttribute('role', 'alert');
  const text = document.createElement('div');
  const bold = document.createElement('strong');
  bold.textContent = 'Le dessin n’a pas pu être affiché';
  const reason = document.createElement('p');
  reason.textContent = error.message;
  text.append(bold, reason);
  notice.append(text);
  host.replaceChildren(notice);
}
