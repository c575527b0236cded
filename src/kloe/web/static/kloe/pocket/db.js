/* What this device keeps, in IndexedDB: checks taken along, writes that wait, photographs, and what
   was sent. Everything belongs to one person; nothing is read without saying whose. */

const NAME = "kloe-pocket";
const LAYOUT = 1;
let opening = null;

export class Full extends Error {}

function open() {
  opening ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, LAYOUT);
    request.onupgradeneeded = () => {
      const db = request.result;
      for (const [store, key] of [["packs", ["person", "id"]], ["writes", "id"], ["sent", "id"]]) {
        db.createObjectStore(store, { keyPath: key }).createIndex("person", "person");
      }
      db.createObjectStore("blobs");
      db.createObjectStore("meta");
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opening = null; };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  }).catch((error) => { opening = null; throw error; });
  return opening;
}

const fault = (error) => (error?.name === "QuotaExceededError" ? new Full(error.message) : error);

/* Run within one transaction that is on the disk before this resolves. */
export async function within(stores, mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const options = mode === "readwrite" ? { durability: "strict" } : {};
    const transaction = db.transaction(stores, mode, options);
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = transaction.onerror = () => reject(fault(transaction.error));
    const store = (name) => transaction.objectStore(name);
    Promise.resolve(work(store)).then((value) => { result = value; }, (error) => {
      try { transaction.abort(); } catch { /* over already */ }
      reject(fault(error));
    });
  });
}

export const ask = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export const all = (store, person) =>
  within([store], "readonly", (at) => ask(at(store).index("person").getAll(person)));
export const get = (store, key) => within([store], "readonly", (at) => ask(at(store).get(key)));
export const put = (store, value) => within([store], "readwrite", (at) => ask(at(store).put(value)));
export const drop = (store, key) => within([store], "readwrite", (at) => ask(at(store).delete(key)));

/* How much is kept, of how much there is room for, in bytes. */
export async function space() {
  try {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return { usage, quota };
  } catch { return null; }
}

/* Who this device is of now: set by pages of somebody signed in, gone when they sign out. Asked
   often, so it stands in localStorage; which is slow to reach the disk, so it stands here too. */
const WHO = "kloe:pocket";
function known(value) {
  try { localStorage.setItem(WHO, JSON.stringify(value)); } catch { /* no room */ }
  return within(["meta"], "readwrite", (at) => ask(at("meta").put(value, "who"))).catch(() => { /* forbidden */ });
}
export const who = {
  get() { try { return JSON.parse(localStorage.getItem(WHO) || "null"); } catch { return null; } },
  set: (person, name) => known({ ...(who.get() || {}), person, name }),
  /* How far the clock of this device is ahead of the server, in milliseconds. */
  ahead: () => who.get()?.ahead || 0,
  clock: (received) => known({ ...(who.get() || {}), ahead: Date.now() - Date.parse(received) }),
  out: () => known({ person: "", name: "" }),
  /* After the browser was killed. */
  async restore() {
    if (who.get()) return;
    const kept = await get("meta", "who").catch(() => null);
    if (kept) await known(kept);
  },
};

/* When this person began at a check and did not end yet. */
const begun = (check) => `visit ${who.get()?.person} ${check}`;
export const visits = {
  get: (check) => get("meta", begun(check)),
  set: (check, value) => within(["meta"], "readwrite", (at) => ask(value ? at("meta").put(value, begun(check)) : at("meta").delete(begun(check)))),
};

/* The choices of this device: whether to keep places, how to keep photographs. */
const CHOICES = "kloe:pocket-choices";
export const choices = {
  all() { try { return { small: true, ...JSON.parse(localStorage.getItem(CHOICES) || "{}") }; } catch { return { small: true }; } },
  set(name, value) {
    try { localStorage.setItem(CHOICES, JSON.stringify({ ...choices.all(), [name]: value })); } catch { /* no room */ }
  },
};

/* Forget what a person took along; with `unsent`, also what they did not send. */
export function forget(person, { unsent = false } = {}) {
  return within(["packs", "writes", "blobs", "sent"], "readwrite", async (at) => {
    for (const store of unsent ? ["packs", "sent", "writes"] : ["packs", "sent"]) {
      for (const row of await ask(at(store).index("person").getAll(person))) {
        at(store).delete(store === "packs" ? [person, row.id] : row.id);
        if (store === "writes") at("blobs").delete(row.id);
      }
    }
  });
}

/* How many writes of other people wait here; whose, is not told. */
export async function ofOthers(person) {
  const rows = await within(["writes"], "readonly", (at) => ask(at("writes").getAll()));
  return rows.filter((row) => row.person !== person).length;
}

export const changed = () => {
  dispatchEvent(new Event("kloe:pocket"));
  try { const line = new BroadcastChannel("kloe-pocket"); line.postMessage(1); line.close(); } catch { /* one tab */ }
};
