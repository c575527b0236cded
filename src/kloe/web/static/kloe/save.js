/* Saving as it is made: every form with data-save sends itself when changed, says so, survives a
   lost connection and an ended session, and never overwrites what somebody else saved. */
(() => {
  "use strict";

  const PREFIX = "kloe:draft:";
  const root = document.documentElement;
  const words = (key) => document.body.dataset[key] || "";
  const owner = () => document.body.dataset.user || "nobody";
  const store = {
    key: (form) => `${PREFIX}${owner()}:${form.getAttribute("action")}`,
    put(form, draft) {
      try { localStorage.setItem(store.key(form), JSON.stringify(draft)); } catch { /* full or forbidden */ }
    },
    get(form) {
      try { return JSON.parse(localStorage.getItem(store.key(form)) || "null"); } catch { return null; }
    },
    drop(form) {
      try { localStorage.removeItem(store.key(form)); } catch { /* nothing to drop */ }
    },
  };

  const uuid = () => (crypto.randomUUID ? crypto.randomUUID()
    : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
        (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16)));

  const cookie = (name) =>
    document.cookie.split("; ").find((c) => c.startsWith(`${name}=`))?.slice(name.length + 1) || "";

  const IDENTITY = new Set(["csrfmiddlewaretoken", "write_id", "client_at", "base_version"]);
  const valuesOf = (form) => {
    const values = [];
    for (const [name, value] of new FormData(form)) if (!IDENTITY.has(name)) values.push([name, value]);
    return values;
  };
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  /* As the page came, whatever was pressed or typed before scripts ran. */
  const asDrawn = (form) => { const copy = form.cloneNode(true); copy.reset(); return valuesOf(copy); };

  const live = () => document.getElementById("live");
  const announce = (text) => { const region = live(); if (region) region.textContent = text; };

  function say(form, text, state) {
    const where = form.querySelector("[data-saved]");
    if (where) {
      where.textContent = text;
      where.dataset.state = state;
    }
    announce(text);
  }

  /* One of these for each form. */
  const states = new WeakMap();
  function stateOf(form) {
    let state = states.get(form);
    if (!state) {
      state = { saved: asDrawn(form), timer: 0, busy: false, again: false, pending: null, unanswered: false, choosing: false };
      states.set(form, state);
    }
    return state;
  }

  function schedule(form, wait) {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => send(form), wait);
    if (!same(valuesOf(form), state.saved)) {
      keep(form);
      root.dataset.unsaved = "1";
    }
  }

  function keep(form) {
    const state = stateOf(form);
    const base = form.elements.base_version;
    store.put(form, {
      values: valuesOf(form),
      base: base ? base.value : "0",
      at: new Date().toISOString(),
      unanswered: state.unanswered ? state.pending : null,
    });
  }

  function send(form) {
    const state = stateOf(form);
    if (state.busy) { state.again = true; return state.sending; }
    state.sending = post(form, state);
    return state.sending;
  }

  async function post(form, state) {
    if (state.choosing) return;
    const values = valuesOf(form);
    if (same(values, state.saved) && !state.pending) { store.drop(form); settle(); return; }
    state.busy = true;
    /* A write keeps its identifier until it is answered, so that sending it twice is harmless. One
       that got no answer may have arrived: it is sent again as it was, and what was typed since after it. */
    if (!state.pending || !(state.unanswered || same(state.pending.values, values))) {
      state.pending = { id: uuid(), at: new Date().toISOString(), values };
    }
    const write = state.pending;
    const body = new URLSearchParams(write.values);
    body.set("write_id", write.id);
    body.set("client_at", write.at);
    body.set("base_version", form.elements.base_version ? form.elements.base_version.value : "0");
    say(form, words("saving"), "saving");
    try {
      const response = await ask(form, form.action, body);
      if (isSignedOut(response)) {
        signedOut(form);
      } else if (response.status === 409) {
        state.unanswered = false;
        conflict(form, await response.json());
      } else if (!response.ok) {
        const answer = await response.json().catch(() => ({}));
        state.pending = null;
        state.unanswered = false;
        say(form, faultOf(answer), "error");
      } else {
        const answer = await response.json();
        if (form.elements.base_version) form.elements.base_version.value = answer.version;
        state.saved = write.values;
        state.pending = null;
        state.unanswered = false;
        if (same(valuesOf(form), state.saved)) store.drop(form);
        else if (same(values, write.values)) keep(form);
        else state.again = true;
        signedIn();
        say(form, answer.said, "saved");
        form.dispatchEvent(new CustomEvent("kloe:saved", { bubbles: true, detail: answer }));
      }
    } catch {
      state.unanswered = true;
      keep(form);
      say(form, words("offline"), "offline");
      retryLater();
    } finally {
      free(form, state);
    }
  }

  const ask = (form, address, body) => fetch(address, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: {
      "X-CSRFToken": cookie("csrftoken") || form.elements.csrfmiddlewaretoken?.value || "",
      "X-Kloe-Write": owner(),
      Accept: "application/json",
    },
  });
  const isSignedOut = (response) => response.status === 401
    || (response.status === 403 && !(response.headers.get("Content-Type") || "").includes("json"));
  const faultOf = (answer) =>
    [answer.given, answer.allowed, answer.remedy].filter(Boolean).join(" ") || words("failed");

  function free(form, state) {
    state.busy = false;
    if (state.again) { state.again = false; schedule(form, 0); }
    settle();
  }

  /* Whether everything is saved, once it was tried. */
  async function finished(form) {
    const state = stateOf(form);
    if (state.busy) await state.sending;
    clearTimeout(state.timer);
    await send(form);
    return same(valuesOf(form), state.saved);
  }

  /* Going back to the version before is a write like the others: one at a time with them, or two
     would start from the same version and clash. */
  function undo(form, address) {
    const state = stateOf(form);
    state.undoing = (state.undoing || Promise.resolve()).then(() => goBack(form, state, address));
    return state.undoing;
  }

  async function goBack(form, state, address) {
    if (!(await finished(form)) || state.choosing) return;
    state.busy = true;
    state.sending = askBack(form, state, address);
    await state.sending;
  }

  async function askBack(form, state, address) {
    const asked = valuesOf(form);
    root.dataset.unsaved = "1";
    /* One that got no answer may have arrived: asked again, it is the same one. */
    state.undoId = state.undoId || uuid();
    const body = new URLSearchParams({ write_id: state.undoId, base_version: form.elements.base_version?.value || "0" });
    try {
      const response = await ask(form, address, body);
      if (isSignedOut(response)) { signedOut(form); return; }
      state.undoId = "";
      const answer = await response.json().catch(() => ({}));
      if (response.status === 409) conflict(form, answer, answer.mine);
      else if (!response.ok) say(form, faultOf(answer), "error");
      else {
        takeBack(form, state, answer, asked);
        signedIn();
        say(form, answer.said, "saved");
        form.dispatchEvent(new CustomEvent("kloe:saved", { bubbles: true, detail: answer }));
      }
    } catch {
      say(form, words("offline"), "offline");
    } finally {
      free(form, state);
    }
  }

  /* What was chosen or typed while the answer was on its way stays, and is saved after it. */
  function takeBack(form, state, answer, asked) {
    const then = Object.fromEntries(asked), now = Object.fromEntries(valuesOf(form));
    const values = Object.entries(answer.values);
    fill(form, values);
    if (form.elements.base_version) form.elements.base_version.value = answer.version;
    state.saved = valuesOf(form);
    if (values.every(([name]) => now[name] === then[name])) { store.drop(form); return; }
    fill(form, values.map(([name, value]) => [name, now[name] === then[name] ? value : now[name] ?? ""]));
    state.again = true;
  }

  function settle() {
    const open = forms().some((form) => {
      const state = states.get(form);
      return state && (state.busy || !same(valuesOf(form), state.saved));
    });
    if (!open) delete root.dataset.unsaved;
  }

  const forms = () => [...document.querySelectorAll("form[data-save]")];

  function signedOut(form) {
    say(form, words("signedout"), "offline");
    const notice = document.getElementById("signed-out");
    if (notice) notice.hidden = false;
  }

  function signedIn() {
    const notice = document.getElementById("signed-out");
    if (notice) notice.hidden = true;
  }

  let retry = 0;
  function retryLater() {
    clearTimeout(retry);
    retry = setTimeout(flush, 5000);
  }
  function flush() {
    for (const form of forms()) {
      const state = states.get(form);
      if (state && (state.pending || !same(valuesOf(form), state.saved))) send(form);
    }
  }

  /* Of an undo, what I would have is the version before, not what stands in the form. */
  function conflict(form, answer, mine) {
    const state = stateOf(form);
    say(form, answer.given, "conflict");
    const slot = form.querySelector("[data-conflict]");
    if (!slot) return;
    slot.innerHTML = answer.html;
    slot.hidden = false;
    state.choosing = true;
    const heading = slot.querySelector("h4, h3");
    if (heading) { heading.tabIndex = -1; heading.focus(); }
    const close = () => {
      slot.hidden = true;
      slot.innerHTML = "";
      (form.closest("[tabindex]") || form.querySelector("textarea"))?.focus({ preventScroll: true });
    };
    slot.querySelector("[data-keep=mine]")?.addEventListener("click", () => {
      if (mine) fill(form, Object.entries(mine));
      form.elements.base_version.value = answer.version;
      state.saved = null;
      state.pending = null;
      state.choosing = false;
      close();
      send(form);
    });
    slot.querySelector("[data-keep=theirs]")?.addEventListener("click", () => {
      fill(form, Object.entries(answer.values));
      form.elements.base_version.value = answer.version;
      state.saved = valuesOf(form);
      state.pending = null;
      state.choosing = false;
      store.drop(form);
      close();
      say(form, answer.said, "saved");
      form.dispatchEvent(new CustomEvent("kloe:saved", { bubbles: true, detail: answer }));
      settle();
    });
  }

  function fill(form, values) {
    for (const [name, value] of values) {
      const field = form.elements[name];
      if (!field) continue;
      if (field instanceof RadioNodeList) {
        for (const radio of field) radio.checked = radio.value === value;
      } else if (field.type === "radio" || field.type === "checkbox") {
        field.checked = field.value === value;
      } else {
        field.value = value;
      }
    }
    const names = new Set(values.map(([name]) => name));
    for (const radio of form.querySelectorAll("input[type=radio]")) {
      if (!names.has(radio.name)) radio.checked = false;
    }
  }

  function adopt(form) {
    if (states.has(form)) return;
    const state = stateOf(form);
    form.querySelectorAll("[data-nojs]").forEach((b) => { b.hidden = true; });
    const draft = store.get(form);
    if (!draft) {
      if (!same(valuesOf(form), state.saved)) schedule(form, 0);
      return;
    }
    if (same(draft.values, state.saved)) { store.drop(form); return; }
    fill(form, draft.values);
    if (form.elements.base_version) form.elements.base_version.value = draft.base;
    state.pending = draft.unanswered || null;
    state.unanswered = Boolean(draft.unanswered);
    say(form, words("restored"), "restored");
    schedule(form, 300);
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-save]");
    if (form && event.target.matches("textarea, input:not([type=radio]):not([type=checkbox])")) schedule(form, 900);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-save]");
    if (form) schedule(form, event.target.type === "radio" ? 250 : 0);
  });
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest?.("form[data-save]");
    if (form && !same(valuesOf(form), stateOf(form).saved)) schedule(form, 0);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-save]");
    if (!form) return;
    event.preventDefault();
    schedule(form, 0);
  });
  addEventListener("online", flush);
  addEventListener("focus", flush);
  addEventListener("beforeunload", (event) => {
    if (root.dataset.unsaved && forms().some((f) => states.get(f)?.busy)) event.preventDefault();
  });

  const adoptAll = () => forms().forEach(adopt);
  document.addEventListener("htmx:load", adoptAll);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", adoptAll);
  else adoptAll();

  /* For the keyboard: save this form now with these values; go back to the version before. */
  window.kloeSave = {
    finished,
    saveWith(form, values) { fill(form, values); schedule(form, 0); },
    undo,
  };
})();
