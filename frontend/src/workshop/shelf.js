// What is drawn and not saved yet, kept in this browser for the day that the page is closed or the machine stops. It is
// encrypted: the key is this user's for this draft, comes with the page and is stored nowhere. No network, no name.
const STORE = 'unsaved', DAYS = 30;

export class Shelf {
  #db; #key; #owner; #mine = crypto.randomUUID(); #turn = Promise.resolve();

  /** null where the browser keeps nothing (private window, no secure connection): then only the page has the drawing. */
  static async open(secret) {
    try {
      const raw = Uint8Array.from(secret.match(/../g), (two) => parseInt(two, 16));
      const shelf = new Shelf();
      shelf.#owner = hex(await crypto.subtle.digest('SHA-256', raw));
      shelf.#key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
      shelf.#db = await database();
      await shelf.#sweep();
      navigator.locks.request(shelf.#mine, () => new Promise(() => {})); // as long as this page lives, its copy is nobody else's
      return shelf;
    } catch (error) {
      console.warn(error);
      return null;
    }
  }

  /** Keep what `write()` resolves to, instead of what this page kept before; null keeps nothing. */
  keep(write) {
    return this.#next(async () => {
      const found = await write();
      if (!found) return;
      const iv = crypto.getRandomValues(new Uint8Array(12)), at = Date.now();
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, this.#key, new TextEncoder().encode(JSON.stringify(found)));
      await this.#do('readwrite', (table) => table.put({ id: this.#mine, owner: this.#owner, at, iv, sealed }));
    });
  }

  /** Forget what this page kept, or the copy with this id. */
  forget(id = this.#mine) {
    return this.#next(() => this.#do('readwrite', (table) => table.delete(id)));
  }

  /** What pages that are gone have left of this draft, the youngest first: id, at, content, revision. */
  async left() {
    const { held } = await navigator.locks.query(), alive = held.map(({ name }) => name);
    const rows = (await this.#do('readonly', (table) => table.getAll())).filter(({ id, owner }) => owner === this.#owner && !alive.includes(id));
    const found = await Promise.all(rows.map(async ({ id, at, iv, sealed }) => {
      const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, this.#key, sealed);
      return { id, at, ...JSON.parse(new TextDecoder().decode(text)) };
    }));
    return found.sort((one, other) => other.at - one.at);
  }

  async #sweep() {
    const rows = await this.#do('readonly', (table) => table.getAll());
    for (const { id, at } of rows) if (at < Date.now() - DAYS * 86_400_000) await this.forget(id);
  }

  /** One after the other, so that an older copy never lands last. */
  #next(todo) {
    this.#turn = this.#turn.then(todo).then(() => true, (error) => { console.warn(error); return false; });
    return this.#turn;
  }

  #do(mode, todo) {
    return settled(todo(this.#db.transaction(STORE, mode).objectStore(STORE)));
  }
}

function database() {
  const asked = indexedDB.open('approdo-workshop', 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: 'id' });
  return settled(asked);
}

const settled = (request) => new Promise((done, fail) => { request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error); });

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
