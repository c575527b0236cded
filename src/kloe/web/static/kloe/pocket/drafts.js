/* What a page of a check kept in this browser when its connection was lost (save.js) joins what
   waits here, so that it is sent wherever its writer goes next. Forms open on this page keep theirs. */

import { who } from "./db.js";
import { keep, mine } from "./queue.js";
import { w } from "./words.js";

const CHECK = /^\/assessments\/([\w-]{36})\/checks\/([\w-]{36})\/(?:cases\/(\d+)\/)?(?:answer\/([\w-]+)|(outcome))$/;
const SKIP = new Set(["csrfmiddlewaretoken", "write_id", "client_at", "base_version"]);
const words = (pairs) => Object.fromEntries(pairs.filter(([name]) => !SKIP.has(name)));

export async function adoptDrafts() {
  const person = who.get()?.person;
  if (!person) return;
  const prefix = `kloe:draft:${person}:`;
  const open = new Set([...document.querySelectorAll("form[data-save]")].map((form) => form.getAttribute("action")));
  for (const key of Object.keys(localStorage)) {
    const action = key.startsWith(prefix) ? key.slice(prefix.length) : "";
    const [, assessment, check, place, item, outcome] = action.match(CHECK) || [];
    if (!check || open.has(action)) continue;
    let draft;
    try { draft = JSON.parse(localStorage.getItem(key)); } catch { continue; }
    const given = { assessment, check, place: Number(place) || 0, item: item || "", kind: outcome ? "outcome" : "entry",
      base: Number(draft.base) || 0, made_at: draft.at, title: item || w("w-outcome") };
    const full = (values) => ({ ...(outcome ? { result: "", conclusion: "", notes: "", done_on: "" } : { answer: "", note: "" }), ...values });
    const sent = draft.unanswered;
    const values = full(words(draft.values));
    if (sent && !(await mine()).some((row) => row.id === sent.id)) {
      await keep({ ...given, id: sent.id, made_at: sent.at, values: full(words(sent.values)), tried: true });
    }
    if (!sent || JSON.stringify(full(words(sent.values))) !== JSON.stringify(values)) await keep({ ...given, values });
    localStorage.removeItem(key);
  }
}
