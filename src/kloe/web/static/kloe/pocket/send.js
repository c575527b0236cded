/* Sending what waits: a batch at a time, photographs one by one, never two tabs at once. Whatever
   goes wrong on the way, the write stays until the server has answered for it. */

import { all, ask, changed, get, who, within } from "./db.js";
import { away, change, hold, mine } from "./queue.js";

const MOST = 25;
const WAITS = [5, 15, 60, 300];
const IDENTITY = (person) => ({ "X-Kloe-Write": person, Accept: "application/json",
  "X-CSRFToken": document.cookie.split("; ").find((c) => c.startsWith("csrftoken="))?.slice(10) || "" });

/* How sending stands: "", "sending", "offline", "signedout", "somebody", "failing". */
export const standing = { state: "", status: 0, next: 0, tries: 0, sentAt: "" };
let timer = 0;
/* Ends the sending of words that is under way; photographs take long, and are let go on. */
let cut = null;
/* Something was kept while sending was about to end: once more. */
let again = false;

function stand(state, more = {}) {
  Object.assign(standing, { status: 0, next: 0 }, more, { state });
  changed();
}

function later(state, status = 0, after = 0) {
  const seconds = after || WAITS[Math.min(standing.tries, WAITS.length - 1)];
  standing.tries += 1;
  clearTimeout(timer);
  timer = setTimeout(flush, seconds * 1000);
  stand(state, { status, next: Date.now() + seconds * 1000 });
}

async function post(url, options, patience, stop = new AbortController()) {
  const clock = setTimeout(() => stop.abort(), patience);
  try {
    return await fetch(url, { method: "POST", credentials: "same-origin", redirect: "error", signal: stop.signal, ...options });
  } finally { clearTimeout(clock); }
}

const isJson = (response) => (response.headers.get("Content-Type") || "").includes("json");

/* What an answer means for all that is sent: true where it was for this write. */
async function settled(response) {
  const { status } = response;
  if (status === 401 || (status === 403 && !isJson(response))) { await renew(); return false; }
  if (status === 429 || status === 408 || status >= 500) {
    const wait = Number(response.headers.get("Retry-After")) || 0;
    later("failing", status, Math.min(wait, 3600));
    return false;
  }
  return true;
}

/* The session ended, another person signed in, or a token is old: which, the server says. */
async function renew() {
  const person = who.get()?.person;
  let answer = null;
  try { answer = await fetch("/pocket/mine", { headers: { "X-Kloe-Write": "1", Accept: "application/json" } }); } catch { later("offline"); return; }
  if (answer.status === 401) { stand("signedout"); return; }
  if (!answer.ok) { later("failing", answer.status); return; }
  const signed = await answer.json();
  if (signed.person !== person) stand("somebody");
  else if (standing.tries < 3) later("failing", 403, 1);
  else stand("signedout");
}

/* What may go now: not what waits for a choice or for another write before it. */
function ready(rows) {
  return rows.filter((row) => row.state === "waiting" && !row.after
    && !(row.kind === "done" && rows.some((other) => other.check === row.check && other.kind !== "done")));
}

const wire = ({ id, kind, assessment, check, item, place, base, made_at, located, values }) =>
  ({ id, kind, assessment, check, item, place, base, made_at, located, values });

async function sendBatch(rows, person) {
  for (const row of rows) await change(row.id, { tried: true });
  cut = new AbortController();
  const response = await post("/pocket/send", {
    body: JSON.stringify({ sent_at: new Date().toISOString(), writes: rows.map(wire) }),
    headers: { ...IDENTITY(person), "Content-Type": "application/json" },
  }, 60_000, cut);
  cut = null;
  if (!(await settled(response))) return false;
  if (!response.ok) {
    if (rows.length > 1) {
      const half = Math.ceil(rows.length / 2);
      return (await sendBatch(rows.slice(0, half), person)) && sendBatch(rows.slice(half), person);
    }
    await refuse(rows[0], response);
    return true;
  }
  const { answers, received } = await response.json();
  await who.clock(received);
  for (const answer of answers) {
    const row = rows.find((one) => one.id === answer.id);
    if (row) await answered(row, answer);
  }
  return answers.length > 0;
}

async function refuse(row, response) {
  const error = isJson(response) ? await response.json().catch(() => ({})) : {};
  await hold(row.id, { state: "refused", error: { ...error, status: response.status } });
}

async function answered(row, answer) {
  if (answer.state === "conflict") {
    const { values, version, by, at } = answer;
    await hold(row.id, { state: "conflict", theirs: { values, version, by, at } });
  } else if (answer.state === "refused") {
    await hold(row.id, { state: "refused", error: answer.error || {} });
  } else {
    /* Something was added to it while it was on its way (a visit that ended): that goes after it. */
    const kept = await get("writes", row.id);
    if (kept && JSON.stringify(kept.values) !== JSON.stringify(row.values)) { await change(row.id, { tried: false }); return; }
    if (answer.values) await learn(row, answer.values, answer.version);
    await away(row.id, { base: answer.values ? answer.version : null, log: answer.said });
    standing.sentAt = new Date().toISOString();
  }
}

/* The check taken along says now what the server has. */
export function learn(row, values, version) {
  return within(["packs"], "readwrite", async (at) => {
    const pack = await ask(at("packs").get([row.person, row.check]));
    if (!pack) return;
    if (row.kind === "outcome") pack.outcome = { values, version };
    else {
      pack.entries = pack.entries.filter((e) => e.item !== row.item || e.place !== row.place);
      pack.entries.push({ item: row.item, place: row.place, values, version, by: "", at: new Date().toISOString() });
    }
    at("packs").put(pack);
  });
}

async function sendPhoto(row, person) {
  const blob = await get("blobs", row.id);
  if (!blob) { await away(row.id); return true; }
  const body = new FormData();
  const fields = { write_id: row.id, client_at: row.made_at, sent_at: new Date().toISOString(),
    caption: row.values.caption, item: row.item, case: row.place || "", located: row.located };
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set("upload", blob, row.values.name || "photograph.jpg");
  await change(row.id, { tried: true });
  const response = await post(`/assessments/${row.assessment}/checks/${row.check}/files`,
    { body, headers: IDENTITY(person) }, 600_000);
  if (!(await settled(response))) return false;
  if (!response.ok) { await refuse(row, response); return true; }
  const { said } = await response.json();
  await away(row.id, { log: said });
  standing.sentAt = new Date().toISOString();
  return true;
}

async function run() {
  const person = who.get()?.person;
  clearTimeout(timer);
  if (!person) return;
  let rows = ready(await mine(person));
  if (rows.length) stand("sending");
  else if (standing.state === "sending" || standing.state === "offline") stand("");
  while (rows.length) {
    const words = rows.filter((row) => row.kind !== "photo").slice(0, MOST);
    let went = false;
    try {
      went = words.length ? await sendBatch(words, person) : await sendPhoto(rows[0], person);
    } catch { later("offline"); return; }
    changed();
    if (!went) return;
    standing.tries = 0;
    rows = ready(await mine(person));
  }
  if (standing.state === "sending") stand("");
}

async function turn() {
  do { again = false; await run(); } while (again && !standing.state);
}

/* Send what may be sent; where another tab or an earlier call is sending, leave it to that, or `wait`. */
export async function flush({ wait = false } = {}) {
  clearTimeout(timer);
  /* Nothing is tried where the device knows of no network: so it stays one write for each thing. */
  if (!navigator.onLine) { if (standing.state !== "offline") stand("offline"); return null; }
  if (!navigator.locks) return turn();
  return navigator.locks.request("kloe-pocket-send", { ifAvailable: !wait }, (lock) => {
    if (lock) return turn();
    again = true;
    return null;
  });
}

/* Whatever was refused or failed is tried again from the beginning, and what hangs on a poor line is
   cut off and sent anew: a write has its number, and arriving twice it counts once. */
export async function retry() {
  for (const row of await mine()) if (row.state === "refused") await change(row.id, { state: "waiting", error: undefined });
  cut?.abort();
  standing.tries = 0;
  await flush({ wait: true });
}

export const history = (person) => all("sent", person);

addEventListener("online", () => { standing.tries = 0; flush(); });
addEventListener("focus", () => { flush(); });
