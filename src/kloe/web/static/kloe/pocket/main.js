/* The shell: which view the address asks for, how sending stands, and checks taken along. */

import { Full, choices, ofOthers, space, who } from "./db.js";
import { adoptDrafts } from "./drafts.js";
import { mine as waiting, tally } from "./queue.js";
import { flush, standing } from "./send.js";
import * as packs from "./packs.js";
import * as place from "./place.js";
import { counts, moment, part, say, size, w, waits } from "./words.js";
import { showCheck } from "./check.js";
import { failed, lay, show, tell } from "./page.js";
import { showUnsent } from "./unsent.js";

const SHELL = "/pocket/";
let offered = [];
let signed = null;
let tried = false;

const scheme = document.cookie.split("; ").find((c) => c.startsWith("kloe_scheme="))?.slice(12);
if (scheme === "light" || scheme === "dark") document.documentElement.dataset.scheme = scheme;

function notice(text, kind, link) {
  const note = document.createElement("p");
  note.className = `notice ${kind}`;
  note.textContent = `${text} `;
  if (link) {
    const a = document.createElement("a");
    [a.href, a.textContent] = link;
    note.append(a);
  }
  return note;
}

const signIn = () => [`/accounts/login/?next=${encodeURIComponent(SHELL)}`, w("sign-in")];

async function showStanding() {
  const person = who.get()?.person;
  const found = await tally(person);
  const notes = [];
  if (found.risks) notes.push(notice(`${w("nobody-knows")} ${w("ring-now")}`, "error"));
  let said = found.all ? [waits(found)] : [];
  let link = null;
  const { state } = standing;
  if (!person) { said.push(w("nobody")); link = signIn(); }
  else if (signed === false || state === "signedout") { said.push(w("signedout")); link = signIn(); }
  else if (state === "somebody") said.push(w("somebody"));
  else if (state === "offline" || !navigator.onLine || (tried && signed === null)) said.push(w("offline"));
  else if (state === "failing") said.push(w("failing", { status: standing.status, time: moment(new Date(standing.next).toISOString()) }));
  else if (state === "sending") said.push(w("sending"));
  else if (!found.all && standing.sentAt) said = [w("nothing-waits"), w("sent-at", { time: moment(standing.sentAt) })];
  if (said.length) notes.push(notice(said.join(" "), found.all || link ? "warning" : standing.sentAt && !state ? "success" : "", link));
  if (found.open) notes.push(notice(w("to-choose"), "error", [`${SHELL}#/unsent`, w("see")]));
  const off = Math.abs(who.ahead());
  if (off > 120_000) notes.push(notice(w("clock", { what: w("minutes", { n: Math.round(off / 60_000) }) }), ""));
  if (await ofOthers(person || "")) notes.push(notice(w("of-others"), ""));
  const slot = document.getElementById("standing");
  const before = slot.textContent;
  const box = document.createElement("div");
  box.append(...notes);
  if (box.textContent !== before) slot.replaceChildren(...notes);
  document.querySelector("[data-waiting]").textContent = found.all ? `(${found.all})` : "";
}

function line(check, values) {
  const node = part("t-check-line", { title: check.title, kind: check.kind, where: check.where,
    when: check.planned_at ? `, ${moment(check.planned_at)}${check.place ? `, ${check.place}` : ""}` : "", ...values });
  node.querySelector("[data-open]").href = values.kept ? `${SHELL}#/check/${check.id}` : `/assessments/${check.assessment}/checks/${check.id}/`;
  const on = (selector, does) => node.querySelector(selector)?.addEventListener("click", does);
  on("[data-take]", () => takeOne(check.assessment, check.id));
  on("[data-again]", () => takeOne(check.assessment, check.id));
  on("[data-remove]", async () => { await packs.remove(check.id); say(w("removed", { title: check.title })); await showList(); });
  return node;
}

async function takeOne(assessment, id) {
  let got;
  try { got = await packs.take(assessment, id); } catch (error) {
    if (error instanceof Full) failed(error); else tell(w("not-taken", { why: w("offline") }), "warning");
    return null;
  }
  if (got.refused) tell(w("not-taken", { why: got.refused }), "error");
  else { tell(w("taken", { title: got.title }), "success"); }
  if (!location.hash.startsWith("#/take")) await showList();
  return got.refused ? null : got;
}

function begunList() {
  const node = part("t-list");
  node.querySelector("[data-take-all]").addEventListener("click", async () => {
    const kept = await packs.mine();
    for (const check of notTaken(kept)) if (!(await takeOne(check.assessment, check.id))) return;
  });
  for (const box of node.querySelectorAll("[data-choice]")) {
    box.checked = Boolean(choices.all()[box.dataset.choice]);
    box.addEventListener("change", () => {
      choices.set(box.dataset.choice, box.checked);
      if (box.dataset.choice === "place") { if (box.checked) place.listen(() => { box.checked = false; }); else place.stop(); }
    });
  }
  show(node);
  return node;
}

const notTaken = (kept) => offered.filter((check) => !kept.some((pack) => pack.id === check.id));

/* Drawn again whenever something is kept, sent or fetched: only what changed in it is new. */
async function showList(words = "") {
  const kept = await packs.mine();
  const rows = await waiting();
  const room = await space();
  const node = document.querySelector("[data-list]") || begunList();
  const held = kept.map((pack) => {
    const own = rows.filter((row) => row.check === pack.id);
    const photographs = own.filter((r) => r.kind === "photo").length;
    const waits = counts({ changes: own.length - photographs, photographs });
    return { id: pack.id, pack, said: { kept: true, waits, fetched: w("fetched", { time: moment(pack.fetched_at), size: size(pack.bytes) }) } };
  });
  const shown = ({ id, pack, said }) => [id, pack.title, pack.kind, pack.where, pack.planned_at, pack.place, said];
  lay(node.querySelector("[data-with]"), held, shown, ({ pack, said }) => line(pack, said));
  node.querySelector("[data-none]").hidden = kept.length > 0;
  const open = notTaken(kept).map((pack) => ({ id: pack.id, pack, said: { offered: true } }));
  node.querySelector("[data-offered]").hidden = !open.length;
  lay(node.querySelector("[data-given]"), open, shown, ({ pack, said }) => line(pack, said));
  node.querySelector("[data-t=space]").textContent = room ? w("space", { used: size(room.usage), all: size(room.quota) }) : "";
  if (words) tell(words, "warning");
}

/* #/check/<id>/<case>, #/take/<assessment>/<check>, #/unsent, or the page that could not be reached. */
async function route(first = false) {
  const page = location.pathname.match(/^\/assessments\/([\w-]{36})\/checks\/([\w-]{36})\/(?:cases\/(\d+)\/)?$/);
  let words = "";
  if (location.pathname !== SHELL) {
    history.replaceState(null, "", SHELL + (page ? `#/check/${page[2]}${page[3] ? `/${page[3]}` : ""}` : "#/"));
    if (!page) words = w("without");
  }
  const [name = "", one = "", two = ""] = location.hash.replace(/^#\//, "").split("/");
  for (const way of document.querySelectorAll("[data-way]")) {
    if (way.dataset.way === (name === "unsent" ? "unsent" : "list")) way.setAttribute("aria-current", "page"); else way.removeAttribute("aria-current");
  }
  if (!first) document.getElementById("messages").replaceChildren();
  try {
    if (name === "unsent") await showUnsent();
    else if (name === "take" && two) { const got = await takeOne(one, two); location.replace(got ? `${SHELL}#/check/${two}` : `${SHELL}#/`); return; }
    else if (name === "check" && await packs.one(one)) await showCheck(one, Number(two) || 0);
    else await showList(name === "check" ? w("not-with-you") : words);
  } catch (error) { failed(error); }
  if (!first) { scrollTo(0, 0); document.getElementById("main").focus({ preventScroll: true }); }
}

let drawing = 0;
function redraw() {
  clearTimeout(drawing);
  drawing = setTimeout(async () => {
    await showStanding();
    if (location.hash.startsWith("#/unsent")) await showUnsent({ quiet: true });
    else if (!location.hash.startsWith("#/check") && !location.hash.startsWith("#/take")) await showList();
    else dispatchEvent(new Event("kloe:pocket-check"));
  }, 60);
}

async function meet() {
  const before = who.get()?.person;
  const said = await packs.signedIn();
  tried = true;
  signed = said;
  if (said) offered = said.checks;
  if (said && before && before !== said.person) { standing.state = ""; await route(); }
  await showStanding();
  if (said) { await flush(); await packs.refresh(await waiting()); }
  redraw();
}

addEventListener("hashchange", () => route());
addEventListener("kloe:pocket", redraw);
try { new BroadcastChannel("kloe-pocket").onmessage = redraw; } catch { /* one tab */ }
addEventListener("online", meet);
addEventListener("offline", redraw);
setInterval(async () => { if ((await tally()).all) flush(); }, 30_000);
place.listen();
navigator.serviceWorker?.register("/service-worker.js").catch(() => { /* not over HTTPS: the pages work, with a network */ });
who.restore().then(adoptDrafts).then(() => route(true)).then(showStanding, failed).then(meet);
