/* Checks taken along: fetched while there is a network, read without one. */

import { all, changed, drop, forget, get, put, who } from "./db.js";

const HEADERS = () => ({ "X-Kloe-Write": who.get()?.person || "1", Accept: "application/json" });

/* Who is signed in and what is given to them; null without a network, `false` when signed out. */
export async function signedIn() {
  let answer;
  try { answer = await fetch("/pocket/mine", { headers: { "X-Kloe-Write": "1", Accept: "application/json" } }); } catch { return null; }
  if (answer.status === 401) return false;
  if (!answer.ok) return null;
  const said = await answer.json();
  const before = who.get()?.person;
  if (before && before !== said.person) await forget(before);
  await who.set(said.person, said.name);
  await who.clock(said.now);
  return said;
}

/* Fetch a check and keep it; gives it, or what the server said against it. */
export async function take(assessment, check) {
  if (!who.get()?.person) await signedIn();
  const answer = await fetch(`/assessments/${assessment}/checks/${check}/pocket`, { headers: HEADERS() });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    return { refused: [said.given, said.remedy].filter(Boolean).join(" ") || String(answer.status), status: answer.status };
  }
  const text = await answer.text();
  const pack = { ...JSON.parse(text), bytes: text.length };
  await put("packs", pack);
  try { await navigator.storage.persist?.(); } catch { /* as the browser likes */ }
  changed();
  return pack;
}

/* Fetch again what was taken along; what one may not see any more goes, unless writes wait for it. */
export async function refresh(waiting) {
  for (const pack of await mine()) {
    let got;
    try { got = await take(pack.assessment, pack.id); } catch { return; }
    if (got.status === 404 && !waiting.some((row) => row.check === pack.id)) await remove(pack.id);
  }
}

export async function mine(person = who.get()?.person) {
  if (!person) return [];
  return (await all("packs", person)).sort((a, b) => (a.planned_at || "9").localeCompare(b.planned_at || "9") || a.title.localeCompare(b.title));
}

export const one = (check) => get("packs", [who.get()?.person || "", check]);
export async function remove(check) { await drop("packs", [who.get()?.person || "", check]); changed(); }
