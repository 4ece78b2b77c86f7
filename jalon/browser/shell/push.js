/** « Recevoir les messages sur cet appareil »: asks the browser, then hands what it gives over with the form. */
const form = document.querySelector('[data-push]');

if (form && 'serviceWorker' in navigator && 'PushManager' in window) {
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    subscribe().then(() => form.submit(), () => { form.querySelector('.err').hidden = false; });
  });
}

async function subscribe() {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('refused');
  const { pushManager } = await navigator.serviceWorker.ready;
  const given = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.push });
  const { endpoint, keys } = given.toJSON();
  for (const [name, value] of Object.entries({ endpoint, ...keys })) form.elements[name].value = value;
}
