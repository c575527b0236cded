/* What waits on this device: each with its state in words, both versions where there are two, and a
   file of last resort. */

import { all, ask, changed, choices, get, who, within } from "./db.js";
import { away, change, latest, mine, tally } from "./queue.js";
import { flush, retry } from "./send.js";
import { failed, lay, show, tell } from "./page.js";
import { chooser } from "./parts.js";
import { prepare } from "./photo.js";
import { counts, moment, part, say, size, w, waits } from "./words.js";

const FORMAT = "kloe-pocket/1";

const SAID = { entry: (v) => [w(`a-${v.answer}`), v.note], outcome: (v) => [v.result ? w(`r-${v.result}`) : "", v.conclusion, v.notes, v.done_on],
  risk: (v) => [v.text, v.place], missing: (v) => [v.reason], seen: (v) => [v.count, w(`p-${v.role}`), v.group],
  visit: (v) => [moment(v.began_at), moment(v.ended_at)], photo: (v) => [v.caption], done: () => [] };

function line(row) {
  const error = row.state === "refused"
    ? [row.error?.given, row.error?.allowed, row.error?.remedy].filter(Boolean).join(" ") || (row.error?.status === 413 ? w("too-large-sent") : String(row.error?.status || "")) : "";
  const node = part("t-row", {
    what: `${w(`w-${row.kind}`)}${row.title && row.title !== w(`w-${row.kind}`) ? `: ${row.title}` : ""}`,
    about: row.about, state: w(`s-${row.state}`), error,
    words: [...SAID[row.kind](row.values), row.bytes ? size(row.bytes) : ""].filter(Boolean).join(" · "),
    warning: row.kind === "risk" ? `${w("nobody-knows")} ${w("ring-now")}` : (row.tried || row.after) && row.state === "waiting" ? w("unanswered") : "",
    at: w("written", { time: moment(row.made_at) }) + (row.located ? ` · ${row.located}` : ""),
    link: Boolean(row.check), drop: row.state === "refused",
    large: row.kind === "photo" && row.error?.status === 413,
  });
  if (row.check) node.querySelector("[data-open]").href = `#/check/${row.check}${row.place ? `/${row.place}` : ""}`;
  if (row.state === "conflict") node.querySelector("[data-conflict]").append(chooser(row));
  node.querySelector("[data-drop]")?.addEventListener("click", async () => { if (confirm(w("throw-away"))) { await away(row.id); await showUnsent(); } });
  node.querySelector("[data-smaller]")?.addEventListener("click", () => smaller(row));
  return node;
}

/* A photograph the server found too large: half of it goes through where all of it did not. */
async function smaller(row) {
  try {
    const blob = await get("blobs", row.id);
    const made = await prepare(new File([blob], row.values.name, { type: blob.type || "image/jpeg" }), { small: true, place: choices.all().exif });
    await within(["blobs"], "readwrite", (at) => at("blobs").put(made.blob, row.id));
    await change(row.id, { state: "waiting", error: undefined, bytes: made.blob.size });
  } catch (error) { failed(error); return; }
  await flush();
  changed();
}

/* What is shown of a row, so that one that says the same is not drawn again. */
const mark = (row) => [row.id, row.state, row.tried, row.after, row.values, row.error, row.theirs, row.made_at, row.bytes];

function begun() {
  const node = part("t-unsent");
  node.querySelector("[data-send]").addEventListener("click", retry);
  node.querySelector("[data-export]").addEventListener("click", save);
  node.querySelector("#bring-in").addEventListener("change", (event) => bringIn(event.target));
  show(node);
  return node;
}

/* Drawn again and again while things are sent: the view stays, only what changed in it is new. */
export async function showUnsent({ quiet = false } = {}) {
  const rows = latest(await mine());
  const person = who.get()?.person;
  const log = person ? await all("sent", person) : [];
  const words = rows.length ? waits(await tally(person)) : w("nothing-waits");
  const node = (quiet && document.querySelector("[data-unsent]")) || begun();
  const lede = node.querySelector("[data-t=waiting]");
  if (lede.textContent !== words) lede.textContent = words;
  for (const button of node.querySelectorAll("[data-some]")) button.hidden = !rows.length;
  lay(node.querySelector("[data-rows]"), rows, mark, line);
  node.querySelector("[data-of-log]").hidden = !log.length;
  const last = log.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, 20);
  lay(node.querySelector("[data-log]"), last, (one) => [one.id, one.at], (one) => {
    const li = document.createElement("li");
    li.textContent = [one.said, one.title, one.about].filter(Boolean).join(" · ");
    return li;
  });
}

/* A file of last resort ------------------------------------------------------------------------ */

const base64 = (blob) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(String(reader.result).split(",", 2)[1] || "");
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(blob);
});

async function save() {
  const { person, name } = who.get();
  const head = JSON.stringify({ format: FORMAT, person, name, saved_at: new Date().toISOString() });
  const pieces = [head.slice(0, -1), ',"writes":['];
  for (const [n, row] of (await mine()).entries()) {
    const blob = row.kind === "photo" ? await get("blobs", row.id) : null;
    const photograph = blob ? { type: blob.type, data: await base64(blob) } : null;
    pieces.push(n ? "," : "", JSON.stringify(photograph ? { ...row, photograph } : row));
  }
  pieces.push("]}");
  const file = `kloe-unsent-${new Date().toISOString().slice(0, 16).replace(/[-:T]/g, "")}.json`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(pieces, { type: "application/json" }));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  tell(w("exported", { name: file }), "success");
}

async function bringIn(input) {
  const person = who.get()?.person;
  let given = null;
  try { given = JSON.parse(await input.files[0].text()); } catch { /* said below */ }
  if (!person || given?.format !== FORMAT || given.person !== person || !Array.isArray(given.writes)) {
    tell(w("not-yours"), "error");
    say(w("not-yours"));
    return;
  }
  const blobs = new Map();
  for (const one of given.writes) {
    if (!one.photograph) continue;
    const bytes = Uint8Array.from(atob(one.photograph.data), (c) => c.charCodeAt(0));
    blobs.set(one.id, new Blob([bytes], { type: one.photograph.type }));
  }
  let n = 0;
  try {
    await within(["writes", "blobs"], "readwrite", async (at) => {
      for (const { photograph, ...row } of given.writes) {
        if (typeof row.id !== "string" || !SAID[row.kind] || await ask(at("writes").get(row.id))) continue;
        at("writes").put({ ...row, person, tried: true });
        if (blobs.has(row.id)) at("blobs").put(blobs.get(row.id), row.id);
        n += 1;
      }
    });
  } catch (error) { failed(error); return; }
  changed();
  await showUnsent();
  tell(w("brought-in", { what: counts({ changes: n }) || "0" }), "success");
  await flush();
}
