/* What was written here and is not sent yet. One write for each thing, in the order it is sent:
   urgent risks first, photographs after what they belong to, "done" when nothing else waits. */

import { all, ask, changed, who, within } from "./db.js";

const RANK = { risk: 0, photo: 2, done: 3 };
const VERSIONED = new Set(["entry", "outcome"]);

export const uuid = () => (crypto.randomUUID ? crypto.randomUUID()
  : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16)));

/* The time of this device, as it believes: the server puts it right by what it says when sending. */
export const now = () => new Date().toISOString();

export const subject = (write) => `${write.kind}|${write.check}|${write.item || ""}|${write.place || 0}`;
const same = (a, b) => Object.keys(a).every((k) => (a[k] || "") === (b[k] || ""));

/* Keep a write, and its photograph. What was written of the same thing and nobody tried to send
   gives way to it; what was tried stays, because it may have arrived, and this one follows it.
   `standing`: what the server has, as far as this device knows; back at that, nothing is to send. */
export async function keep(given, { blob = null, standing = null } = {}) {
  const person = who.get()?.person;
  if (!person) throw new Error("nobody");
  const kept = await within(["writes", "blobs"], "readwrite", async (at) => {
    const rows = await ask(at("writes").index("person").getAll(person));
    const seq = rows.reduce((most, row) => Math.max(most, row.seq), 0) + 1;
    const write = { id: uuid(), item: "", place: 0, base: 0, located: "", ...given, person, seq,
      made_at: given.made_at || now(), state: "waiting", tried: Boolean(given.tried), after: "" };
    const last = VERSIONED.has(write.kind) || write.kind === "visit" || write.kind === "done"
      ? rows.filter((row) => (write.kind === "visit" ? row.id === given.id : subject(row) === subject(write)))
        .sort((a, b) => a.seq - b.seq).at(-1) : null;
    if (last && (write.kind === "visit" || !last.tried || last.state === "conflict" || last.state === "refused")) {
      if (!last.tried && standing && !last.after && same(write.values, standing)) { at("writes").delete(last.id); return null; }
      const again = { ...last, values: write.values, made_at: write.made_at, located: write.located || last.located,
        state: last.state === "conflict" ? "conflict" : "waiting", error: undefined };
      at("writes").put(again);
      return again;
    }
    if (!last && standing && VERSIONED.has(write.kind) && same(write.values, standing)) return null;
    if (last) write.after = last.id;
    at("writes").put(write);
    if (blob) at("blobs").put(blob, write.id);
    return write;
  });
  changed();
  return kept;
}

/* Everything of this person that waits, in the order it is sent. */
export async function mine(person = who.get()?.person) {
  if (!person) return [];
  const rank = (row) => RANK[row.kind] ?? 1;
  return (await all("writes", person)).sort((a, b) => rank(a) - rank(b) || a.seq - b.seq);
}

export async function change(id, values) {
  await within(["writes"], "readwrite", async (at) => {
    const row = await ask(at("writes").get(id));
    if (row) at("writes").put({ ...row, ...values });
  });
}

/* Take a write away: it arrived, or somebody decided against it. What followed it follows nothing. */
export async function away(id, { base = null, log = null } = {}) {
  await within(["writes", "blobs", "sent"], "readwrite", async (at) => {
    const row = await ask(at("writes").get(id));
    if (!row) return;
    at("writes").delete(id);
    at("blobs").delete(id);
    for (const next of await ask(at("writes").index("person").getAll(row.person))) {
      if (next.after === id) at("writes").put({ ...next, after: "", ...(base === null ? {} : { base }) });
    }
    if (log) {
      at("sent").put({ id, person: row.person, kind: row.kind, title: row.title, about: row.about, said: log, at: now() });
      const rows = await ask(at("sent").index("person").getAll(row.person));
      rows.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(0, -30).forEach((old) => at("sent").delete(old.id));
    }
  });
  changed();
}

/* A write that was answered and did not go through: two versions, or refused. It stays, and what
   was written after it becomes its words, so that there is one thing to decide. */
export async function hold(id, patch) {
  await within(["writes"], "readwrite", async (at) => {
    const row = await ask(at("writes").get(id));
    if (!row) return;
    const rows = await ask(at("writes").index("person").getAll(row.person));
    const next = rows.find((one) => one.after === id);
    if (next) at("writes").delete(next.id);
    at("writes").put({ ...row, values: next ? next.values : row.values, error: undefined, ...patch });
  });
}

/* What is shown and counted: of a write that was tried and the one that follows it, the latter. */
export const latest = (rows) => rows.filter((row) => !rows.some((other) => other.after === row.id));

/* How many changes, photographs and urgent risks wait. */
export async function tally(person) {
  const rows = latest(await mine(person));
  const of = (kinds) => rows.filter(kinds).length;
  return {
    all: rows.length,
    risks: of((r) => r.kind === "risk"),
    changes: of((r) => r.kind !== "risk" && r.kind !== "photo"),
    photographs: of((r) => r.kind === "photo"),
    open: of((r) => r.state === "conflict" || r.state === "refused"),
  };
}
