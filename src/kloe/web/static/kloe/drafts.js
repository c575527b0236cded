/* What is typed into a long form survives a lost connection, an ended session and a closed page:
   it is kept in this browser until the page says that it was saved. For forms with data-draft,
   which are sent by their button; forms that save as they are changed have save.js. */
(() => {
  "use strict";
  if (window.kloeDrafts) return;
  window.kloeDrafts = true;
  const PREFIX = "kloe:form:";
  const SENT = "kloe:form-sent";
  const SKIP = new Set(["csrfmiddlewaretoken", "write_id", "next"]);
  const keyOf = (action, part) => `${PREFIX}${document.body.dataset.user || "nobody"}:${action}:${part || ""}`;
  const key = (form) => keyOf(new URL(form.action, location.href).pathname, form.dataset.draft);
  const get = (store, name) => { try { return JSON.parse(store.getItem(name) || "null"); } catch { return null; } };
  const put = (store, name, value) => { try { store.setItem(name, JSON.stringify(value)); } catch { /* full or forbidden */ } };
  const drop = (store, name) => { try { store.removeItem(name); } catch { /* nothing there */ } };
  const valuesOf = (form) => [...new FormData(form)].filter(([name, value]) => !SKIP.has(name) && typeof value === "string");
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  function fill(form, values) {
    const given = new Map();
    for (const [name, value] of values) given.set(name, [...(given.get(name) || []), value]);
    for (const field of form.elements) {
      if (!field.name || SKIP.has(field.name)) continue;
      const mine = given.get(field.name) || [];
      if (field.type === "radio" || field.type === "checkbox") field.checked = mine.includes(field.value);
      else if (mine.length) field.value = mine[0];
    }
  }

  function adopt(form) {
    if (form.dataset.draftReady) return;
    form.dataset.draftReady = "1";
    /* A form that came back with faults holds what was typed already. */
    if (form.querySelector(".has-error, .error")) return;
    const draft = get(localStorage, key(form));
    if (!draft || same(draft.values, valuesOf(form))) { drop(localStorage, key(form)); return; }
    fill(form, draft.values);
    form.closest("details")?.setAttribute("open", "");
    const note = document.createElement("p");
    note.className = "small restored";
    note.textContent = document.body.dataset.restored || "";
    form.prepend(note);
  }

  /* After a form was sent: the page that follows says whether it was saved. */
  const sent = get(sessionStorage, SENT);
  if (sent && document.querySelector("#messages .notice.kept")) {
    drop(localStorage, sent);
    drop(sessionStorage, SENT);
  }

  let timer = 0;
  const keep = (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => put(localStorage, key(form), { values: valuesOf(form) }), 300);
  };
  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form || event.defaultPrevented) return;
    clearTimeout(timer);
    put(localStorage, key(form), { values: valuesOf(form) });
    put(sessionStorage, SENT, key(form));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-drop-draft]");
    if (link) drop(localStorage, keyOf(link.dataset.dropDraft, link.dataset.part));
  });

  const all = () => document.querySelectorAll("form[data-draft]").forEach(adopt);
  document.addEventListener("htmx:load", all);
  all();
})();
