/* The parts of a check besides its checklist: urgent risk, visit, photographs, people seen, its end;
   and the choice between two versions. */

import { choices, visits, who } from "./db.js";
import { away, change, keep, mine, now, uuid } from "./queue.js";
import { flush, learn } from "./send.js";
import { here } from "./place.js";
import { failed, tell } from "./page.js";
import { prepare, whole } from "./photo.js";
import { count, moment, part, say, size, w } from "./words.js";

/* Keep, then try to send; whether it is kept. */
async function kept(given, more) {
  try { await keep({ located: here(), ...given }, more); } catch (error) { failed(error); return false; }
  flush();
  return true;
}

export function urgent(slot, { pack }, given) {
  const { contact } = pack;
  const node = part("t-urgent", { ring: contact ? w("ring-contact", { name: contact.name, telephone: contact.telephone || "–" }) : w("ring-now") });
  const form = node.querySelector("form");
  form.elements.place.value = pack.place;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const kind = event.submitter?.value;
    if (!kind) return;
    const values = { kind, text: form.elements.text.value, place: form.elements.place.value };
    if (!(await kept({ ...given, place: 0, kind: "risk", values, title: w(`k-${kind}`) }))) return;
    form.reset();
    node.open = false;
    tell(`${w("risk-kept")} ${contact ? w("ring-contact", { name: contact.name, telephone: contact.telephone || "–" }) : w("ring-now")}`, "error");
    document.getElementById("messages").scrollIntoView({ block: "nearest" });
  });
  slot.replaceWith(node);
}

/* Began and ended here: one visit of this person at a time, remembered until it ends. */
export async function visit(slot, { pack }, given) {
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.className = "button";
  said.className = "small";
  slot.append(button, said);
  const draw = async () => {
    const at = await visits.get(pack.id);
    button.textContent = at ? w("end") : w("begin");
    said.textContent = at ? w("begun", { time: moment(at.began_at) }) : "";
    return at;
  };
  button.addEventListener("click", async () => {
    const open = await visits.get(pack.id);
    const at = open || { id: uuid(), began_at: now() };
    const values = { began_at: at.began_at, ended_at: open ? now() : "" };
    if (!(await kept({ ...given, place: 0, id: at.id, kind: "visit", values, title: w("w-visit") }))) return;
    await visits.set(pack.id, open ? null : at);
    await draw();
    say(w("kept", { time: moment(now()) }));
  });
  await draw();
}

export function photos(slot, { pack, place }, given, items) {
  const hint = w(choices.all().exif ? "hint-place" : "hint-no-place", { size: size(pack.most_bytes) });
  const node = part("t-photos", { hint });
  const form = node.querySelector("form");
  for (const item of items) form.elements.namedItem("item").append(new Option(item.ask.slice(0, 80), item.id));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...form.querySelector("#camera").files, ...form.querySelector("#of-files").files];
    const said = form.querySelector("[data-said]");
    if (!files.length) { said.textContent = w("no-picture"); return; }
    const { small, exif } = choices.all();
    const wrong = [];
    let n = 0;
    for (const file of files) {
      let made;
      try {
        made = file.type.startsWith("image/") ? await prepare(file, { small, place: Boolean(exif) }) : await whole(file);
      } catch { wrong.push(w("unreadable", { name: file.name })); continue; }
      if (made.blob.size > pack.most_bytes) { wrong.push(w("too-large", { name: file.name, size: size(made.blob.size) })); continue; }
      const values = { caption: form.elements.caption.value, name: made.name };
      const row = { ...given, kind: "photo", item: form.elements.namedItem("item").value, place, values, bytes: made.blob.size,
        located: made.place || here(), title: made.name };
      if (!(await kept(row, { blob: made.blob }))) break;
      n += 1;
    }
    const words = [n ? w("pictures-kept", { what: count("photographs", n) }) : "", ...wrong].filter(Boolean).join(" ");
    form.reset();
    said.textContent = words;
    if (wrong.length) tell(wrong.join(" "), "error");
  });
  slot.replaceWith(node);
}

export function missing(slot, given) {
  const node = part("t-missing");
  const form = node.querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reason = form.elements.reason.value.trim();
    if (!reason) return;
    if (await kept({ ...given, kind: "missing", values: { reason }, title: w("w-missing") })) {
      tell(w("kept", { time: moment(now()) }), "success");
      location.hash = `#/check/${given.check}`;
    }
  });
  slot.replaceWith(node);
}

export function seen(slot, state, given) {
  const node = part("t-seen");
  const list = node.querySelector("[data-seen]");
  const form = node.querySelector("form");
  const draw = () => {
    list.replaceChildren();
    const line = (n, role, group) => { const li = document.createElement("li"); li.textContent = [`${n} ${role.toLowerCase()}`, group].filter(Boolean).join(", "); list.append(li); };
    for (const one of state.pack.seen) line(one.count || w("few"), one.role, one.group);
    for (const row of state.rows) if (row.kind === "seen" && row.check === given.check) line(row.values.count, w(`p-${row.values.role}`), row.values.group);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(["role", "group", "count"].map((name) => [name, form.elements[name].value]));
    if (!(Number(values.count) >= 1)) return;
    if (await kept({ ...given, place: 0, kind: "seen", values, title: w("w-seen") })) form.reset();
  });
  draw();
  state.updates.push(draw);
  slot.append(node);
}

export function outcome(slot, state, given, versioned, read) {
  const node = part("t-outcome");
  const form = node.querySelector("form");
  for (const field of form.elements) field.disabled = !state.pack.open && field.name;
  const local = new Date(Date.now() - who.ahead());
  form.elements.done_on.max = new Date(local - local.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  const update = versioned(form, ["result", "conclusion", "notes", "done_on"], { ...given, place: 0 }, read);
  const button = node.querySelector("[data-done]");
  const lacks = node.querySelector("[data-lacks]");
  const whole = () => { const { result, conclusion, done_on } = read().values; return result && conclusion.trim() && done_on; };
  const draw = () => {
    const waits = state.rows.some((row) => row.kind === "done" && row.check === given.check);
    button.hidden = !state.pack.open || waits;
    lacks.textContent = waits ? w("done-waits") : state.pack.open && !whole() ? w("lacks") : "";
  };
  button.addEventListener("click", async () => {
    if (!whole()) { lacks.textContent = w("lacks"); say(w("lacks")); return; }
    await kept({ ...given, place: 0, kind: "done", values: {}, title: w("w-done") });
  });
  draw();
  state.updates.push(() => { update(); draw(); });
  slot.append(node);
}

/* Two versions side by side ------------------------------------------------------------------- */

const SAID = { answer: "a-", result: "r-" };
const words = (values) => Object.entries(values || {}).filter(([, value]) => value)
  .map(([name, value]) => (SAID[name] ? w(SAID[name] + value) : value)).join(" · ") || w("a-");
const LONG = { entry: ["note"], outcome: ["conclusion", "notes"] };

export function chooser(row) {
  const { theirs } = row;
  const long = (LONG[row.kind] || []).filter((name) => theirs.values?.[name] && row.values[name] && theirs.values[name] !== row.values[name]);
  const node = part("t-conflict", {
    title: w("two-versions"), about: w("two-about"), both: long.length > 0,
    theirs: words(theirs.values), "theirs-by": w("theirs-by", { name: theirs.by || "–", time: moment(theirs.at) }),
    mine: words(row.values), "mine-at": w("mine-at", { time: moment(row.made_at) }),
  });
  const again = async (values) => {
    await change(row.id, { id: row.id, values, base: theirs.version, state: "waiting", tried: false, theirs: undefined });
    await learn(row, theirs.values, theirs.version);
    await flush();
    dispatchEvent(new Event("kloe:pocket"));
  };
  const newest = async () => (await mine()).find((one) => one.id === row.id)?.values || row.values;
  node.querySelector("[data-keep-mine]").addEventListener("click", async () => again(await newest()));
  node.querySelector("[data-keep-both]")?.addEventListener("click", async () => {
    const values = { ...(await newest()) };
    for (const name of long) values[name] = `${theirs.values[name]}\n${values[name]}`;
    await again(values);
  });
  node.querySelector("[data-keep-theirs]").addEventListener("click", async () => {
    await learn(row, theirs.values, theirs.version);
    await away(row.id, { base: theirs.version });
  });
  return node;
}
