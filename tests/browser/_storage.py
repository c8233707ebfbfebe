"""All that an origin keeps in the browser."""

from playwright.sync_api import Page

_READ = """async () => {
  const plain = (_key, value) =>
    value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? new TextDecoder().decode(value) : value;
  const result = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const kept = { cookie: document.cookie, local: { ...localStorage }, session: { ...sessionStorage } };
  for (const { name } of await indexedDB.databases()) {
    const database = await result(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const records = database.transaction(store).objectStore(store);
      kept[`${name}/${store}`] = [await result(records.getAllKeys()), await result(records.getAll())];
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    const requests = await cache.keys();
    kept[`cache ${name}`] = await Promise.all(
      requests.map(async (request) => [
        request.url, [...request.headers], await (await cache.match(request)).text(),
      ]),
    );
  }
  return JSON.stringify(kept, plain);
}"""


def storage_of(page: Page) -> str:
    """Cookies, both storages, every store of IndexedDB and every cache of the page's origin, as text."""
    text: str = page.evaluate(_READ)
    return text
