/** What could not be sent, kept on this device for the person who wrote it, in IndexedDB; wiped at sign-out. */
const NAME = 'jalon';
const STORE = 'kept';
const LONGEST = 7 * 24 * 3600 * 1000;
const PERSON = 'jalon-person';

/** Who is signed in here; on the page without network, who was last. */
export function person() {
  const here = document.body.dataset.person;
  if (here) localStorage.setItem(PERSON, here);
  return here ?? localStorage.getItem(PERSON) ?? '';
}

export async function put(record) {
  await within('readwrite', (store) => store.put({ ...record, person: person(), at: Date.now() }));
}

export async function drop(task) {
  await within('readwrite', (store) => store.delete([person(), task]));
}

/** What this person wrote, the oldest first; what no line came back for within a week is gone. */
export async function all() {
  const found = (await within('readonly', (store) => store.getAll())) ?? [];
  return found.filter((one) => one.person === person() && Date.now() - one.at < LONGEST).sort((a, b) => a.at - b.at);
}

/** What others wrote here, or what is too old, does not stay. */
export async function tidy() {
  const found = (await within('readonly', (store) => store.getAll())) ?? [];
  const gone = found.filter((one) => one.person !== person() || Date.now() - one.at >= LONGEST);
  if (gone.length) await within('readwrite', (store) => gone.forEach((one) => store.delete([one.person, one.task])));
}

export async function wipe() {
  localStorage.removeItem(PERSON);
  await within('readwrite', (store) => store.clear());
}

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: ['person', 'task'] });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}
