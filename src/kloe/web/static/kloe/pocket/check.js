/* One check that was taken along, or one of its cases: what the server had, with what was written
   here since laid over it. Every change is kept on this device as it is made. */

import { keep, mine } from "./queue.js";
import { flush } from "./send.js";
import * as packs from "./packs.js";
import { here } from "./place.js";
import { failed, show } from "./page.js";
import { chooser, missing, outcome, photos, seen, urgent, visit } from "./parts.js";
import { count, moment, part, say, size, w } from "./words.js";

let shown = null;

/* What stands of one thing: the last write of this device, or else what the server had. */
function standing(pack, rows, kind, item, place) {
  const own = rows.filter((r) => r.kind === kind && r.check === pack.id && (r.item || "") === item && (r.place || 0) === place)
    .sort((a, b) => a.seq - b.seq).at(-1);
  const server = kind === "outcome" ? pack.outcome : pack.entries.find((e) => e.item === item && e.place === place);
  const empty = kind === "outcome" ? { result: "", conclusion: "", notes: "", done_on: "" } : { answer: "", note: "" };
  return { own, values: own?.values || server?.values || empty, version: server?.version || 0,
    server: server?.values || empty, by: server?.by, at: server?.at };
}

const valuesOf = (form, names) => Object.fromEntries(names.map((name) => [name, new FormData(form).get(name) || ""]));
const same = (a, b) => Object.keys(a).every((name) => (a[name] || "") === (b[name] || ""));

function fill(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (field instanceof RadioNodeList) field.value = value;
    else if (field) field.value = value;
  }
}

function saved(form, at) {
  const slot = form.querySelector("[data-saved]");
  const { own } = at;
  slot.textContent = own ? (own.state === "conflict" ? w("two-versions") : w("kept", { time: moment(own.made_at) }))
    : at.at ? (at.by ? w("by", { name: at.by, time: moment(at.at) }) : w("saved", { time: moment(at.at) })) : "";
  slot.dataset.state = own?.state === "conflict" ? "conflict" : "";
  const place = form.querySelector("[data-conflict]");
  const mark = own?.state === "conflict" ? `${own.id} ${own.theirs?.version} ${JSON.stringify(own.values)}` : "";
  if (place.dataset.of !== mark) {
    place.dataset.of = mark;
    place.replaceChildren(...(mark ? [chooser(own)] : []));
  }
}

/* A form of a thing with versions: kept as it is changed, from the version that it shows. */
function versioned(form, names, given, read) {
  const shows = { values: {}, version: 0 };
  let timer = 0;
  const adopt = (at) => { fill(form, at.values); shows.values = at.values; shows.version = at.version; saved(form, at); };
  adopt(read());
  const store = async () => {
    clearTimeout(timer);
    timer = 0;
    const values = valuesOf(form, names);
    if (same(values, shows.values)) return;
    shows.values = values;
    try {
      const at = read();
      await keep({ ...given, values, base: shows.version, located: here() }, { standing: at.server });
      say(w("kept", { time: moment(new Date().toISOString()) }));
    } catch (error) { shows.values = {}; failed(error); return; }
    flush();
  };
  form.addEventListener("input", (event) => { if (!event.target.matches("[type=radio]")) { clearTimeout(timer); timer = setTimeout(store, 600); } });
  form.addEventListener("change", store);
  form.addEventListener("focusout", () => { if (timer) store(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); store(); });
  return () => {
    const at = read();
    const now = valuesOf(form, names);
    if (same(now, at.values)) { shows.values = at.values; shows.version = at.version; saved(form, at); }
    else if (!timer && same(now, shows.values)) adopt(at);
  };
}

function oneItem(state, item) {
  const { pack, place } = state;
  const node = part("t-item", item);
  node.id = `i-${item.id}`;
  node.querySelector("h3").id = `t-${item.id}`;
  node.setAttribute("aria-labelledby", `t-${item.id}`);
  node.querySelector("fieldset").setAttribute("aria-labelledby", `t-${item.id}`);
  const form = node.querySelector("form");
  for (const field of form.elements) field.disabled = !pack.open && field.name;
  const given = { kind: "entry", assessment: pack.assessment, check: pack.id, item: item.id, place,
    title: item.ask, about: about(pack, place) };
  const update = versioned(form, ["answer", "note"], given, () => standing(state.pack, state.rows, "entry", item.id, place));
  const pictures = () => {
    const n = state.rows.filter((r) => r.kind === "photo" && r.check === pack.id && r.item === item.id && (r.place || 0) === place).length;
    node.querySelector("[data-pictures]").textContent = n ? w("pictures-kept", { what: countOf(n) }) : "";
    node.classList.toggle("placed", Boolean(form.elements.answer.value));
  };
  pictures();
  state.updates.push(() => { update(); pictures(); });
  return node;
}

const countOf = (n) => count("photographs", n);
export const about = (pack, place) => (place ? `${pack.title}, ${w("case", { n: place })}` : pack.title);

function cases(node, state) {
  const { pack, place, rows } = state;
  const items = pack.items.filter((item) => item.per_case);
  const list = node.querySelector("[data-cases]");
  for (const one of pack.cases) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    const gone = one.not_found || rows.some((r) => r.kind === "missing" && r.check === pack.id && r.place === one.place);
    const full = items.length && items.every((item) => standing(pack, rows, "entry", item.id, one.place).values.answer);
    link.href = `#/check/${pack.id}/${one.place}`;
    link.textContent = `${one.place}${full ? " ✓" : ""}`;
    if (full) link.setAttribute("aria-label", `${one.place} ${one.reference}, ${w("complete")}`);
    if (gone) link.classList.add("gone");
    if (one.place === place) link.setAttribute("aria-current", "page");
    if (one.reference) {
      const small = document.createElement("span");
      small.className = "small";
      small.textContent = one.reference.slice(0, 16);
      link.append(" ", small);
    }
    line.append(link);
    list.append(line);
  }
}

function neighbours(node, { pack, place }) {
  const nav = node.querySelector("[data-next]");
  if (!place) { nav.remove(); return; }
  const live = pack.cases.filter((c) => !c.not_found).map((c) => c.place);
  const at = live.indexOf(place);
  const link = (to, text, kind = "") => {
    const a = document.createElement("a");
    a.className = `button ${kind}`;
    a.href = `#/check/${pack.id}${to ? `/${to}` : ""}`;
    a.textContent = text;
    nav.append(a);
  };
  if (at > 0) link(live[at - 1], `← ${w("case", { n: live[at - 1] })}`);
  if (at >= 0 && at < live.length - 1) link(live[at + 1], `${w("case", { n: live[at + 1] })} →`, "primary");
  else link(0, w("to-check"), "primary");
}

export async function showCheck(id, place) {
  const pack = await packs.one(id);
  const rows = await mine();
  const found = place ? pack.cases.find((c) => c.place === place) : null;
  if (place && !found) { location.replace(`#/check/${id}`); return; }
  const state = { pack, rows, place, updates: [] };
  const items = found ? pack.items.filter((i) => i.per_case) : pack.items.filter((i) => !(pack.cases.length && i.per_case));
  const waitsGone = rows.find((r) => r.kind === "missing" && r.check === id && r.place === place && place);
  const node = part("t-check", {
    title: found ? `${w("case", { n: place })} ${found.reference}` : pack.title,
    kind: pack.kind, state: pack.open ? "" : w("closed"), claim: pack.claim, theme: pack.theme, where: pack.where,
    when: [pack.planned_at ? moment(pack.planned_at) : "", pack.place].filter(Boolean).join(", "),
    fetched: w("fetched", { time: moment(pack.fetched_at), size: size(pack.bytes) }),
    opening: found ? "" : pack.opening, cases: pack.cases.length > 0, items: items.length > 0,
    gone: found?.not_found || waitsGone ? w("case-not-looked-at", { why: found?.not_found || waitsGone.values.reason }) : "",
  });
  const before = node.querySelector("[data-before]");
  for (const words of pack.before) { if (!before) break; const li = document.createElement("li"); li.textContent = words; before.append(li); }
  if (pack.cases.length) cases(node, state);
  node.querySelector("[data-items]")?.append(...items.map((item) => oneItem(state, item)));
  neighbours(node, state);
  const given = { assessment: pack.assessment, check: pack.id, place, about: about(pack, place) };
  if (pack.may_risk) urgent(node.querySelector("[data-urgent]"), state, given);
  if (pack.open) {
    await visit(node.querySelector("[data-visit]"), state, given);
    photos(node.querySelector("[data-photos]"), state, given, items);
    if (found && !found.not_found && !waitsGone) missing(node.querySelector("[data-missing]"), given);
  }
  if (!found) {
    const end = node.querySelector("[data-end]");
    if (pack.may_seen && pack.open) seen(end, state, given);
    outcome(end, state, { ...given, kind: "outcome", title: w("w-outcome") }, versioned, () => standing(state.pack, state.rows, "outcome", "", 0));
  }
  show(node);
  shown = state;
}

/* Something was sent, or answered: what stands is brought up to date, what is being typed stays. */
addEventListener("kloe:pocket-check", async () => {
  if (!shown || !location.hash.startsWith(`#/check/${shown.pack.id}`)) return;
  const pack = await packs.one(shown.pack.id);
  if (!pack) return;
  shown.pack = pack;
  shown.rows = await mine();
  shown.updates.forEach((update) => update());
});
