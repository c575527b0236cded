// What all pages share. Everything here is a convenience: without it the pages still work.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));

  // A sentence for those who listen rather than look. window.kloe.say("Saved 14:02")
  const say = (sentence) => {
    const place = $("#live");
    if (!place) return;
    place.textContent = "";
    setTimeout(() => { place.textContent = sentence; }, 30);
  };
  window.kloe = Object.assign(window.kloe || {}, { say });

  // Colours: chosen at once, kept in the cookie that the server reads.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-scheme-form]")) return;
    event.preventDefault();
    const chosen = event.submitter ? event.submitter.value : "system";
    if (chosen === "system") root.removeAttribute("data-scheme");
    else root.setAttribute("data-scheme", chosen);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `kloe_scheme=${chosen}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    all("button", form).forEach((b) => b.setAttribute("aria-pressed", String(b.value === chosen)));
  });

  // Menus close on Escape, on a click elsewhere, and when another opens.
  const menus = () => all("details.menu[open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) $("summary", menu).focus();
    });
  });
  document.addEventListener("click", (event) => {
    menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // Older browsers cannot show a closed <details> as a column: open it where there is room.
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 60.01rem)").matches) {
    all("details.rail").forEach((rail) => { rail.open = true; });
  }
  all(".rail [aria-current]").forEach((here) => here.scrollIntoView({ block: "nearest", behavior: "instant" }));

  // A column that scrolls by itself can be scrolled by keyboard too.
  all(".side-body, .rail-body, .table-frame, .map-frame, .table:not(.cards)").forEach((part) => {
    const scrolls = part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1;
    if (scrolls && !$("a[href], button, input, select, textarea", part)) part.tabIndex = 0;
  });

  // A form came back with faults: begin there.
  $(".error-summary")?.focus();
  document.addEventListener("htmx:afterSettle", (event) => $(".error-summary", event.target)?.focus());

  // What is drawn anew under the finger: the keyboard stays at its place, not at the top of the page.
  const STOPS = "a[href], button:enabled, input:enabled:not([type=hidden]), select:enabled, textarea:enabled, summary, [tabindex='0']";
  const stops = (part) => all(STOPS, part).filter((stop) => !stop.checkVisibility || stop.checkVisibility());
  let held = null;
  const hold = (event) => {
    const { target } = event.detail, on = document.activeElement;
    if (on && on !== document.body && target?.contains(on)) {
      held = { on, target, at: stops(target).indexOf(on), home: target.parentElement?.closest("[tabindex]") };
    }
  };
  const restore = (event) => {
    if (!held) return;
    const { on, target, at, home } = held;
    const lost = !on.isConnected && (!document.activeElement || document.activeElement === document.body);
    if (lost) {
      const drawn = target.isConnected ? target : (target.id && document.getElementById(target.id)) || event.target;
      const there = drawn.id === "main" ? [drawn] : stops(drawn);
      (there[Math.min(Math.max(at, 0), there.length - 1)] || home || $("#main"))?.focus({ preventScroll: true });
    }
    held = null;
  };
  ["htmx:beforeSwap", "htmx:oobBeforeSwap"].forEach((name) => document.addEventListener(name, hold));
  ["htmx:oobAfterSwap", "htmx:afterSettle"].forEach((name) => document.addEventListener(name, restore));

  // Signing in again in another tab changes the token of every form that is open here.
  document.addEventListener("submit", (event) => {
    const field = event.target.elements?.csrfmiddlewaretoken;
    const now = document.cookie.split("; ").find((c) => c.startsWith("csrftoken="))?.slice(10);
    if (field && now) field.value = now;
  }, true);

  // Filters answer when a choice is made; typing waits for Enter or the button.
  document.addEventListener("change", (event) => {
    const field = event.target;
    const form = field.form;
    if (form && form.matches("form.filters[data-auto]") && field.matches("select, [type=checkbox], [type=date]")) {
      form.requestSubmit();
    }
  });
  // Addresses stay short: what is not asked for is left out.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form.filters")) return;
    const empty = all("input[name], select[name]", form).filter((f) => f.value === "" && !f.disabled);
    empty.forEach((field) => { field.disabled = true; });
    setTimeout(() => empty.forEach((field) => { field.disabled = false; }), 0);
  });
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // Copying a link or code.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = $(button.dataset.copy);
    if (!source || !navigator.clipboard) return;
    navigator.clipboard.writeText((source.value ?? source.textContent).trim()).then(() => {
      say(button.dataset.copied || "");
      const before = button.textContent;
      button.textContent = button.dataset.copied || before;
      setTimeout(() => { button.textContent = before; }, 2000);
    });
  });

  all("[data-needs-script]").forEach((part) => { part.hidden = false; });

  // htmx: an ended session or a lost connection is said, and nothing on the page changes.
  const tell = (name) => {
    const source = $(`template[data-tell="${name}"]`);
    const place = $("#messages");
    if (!source || !place) return;
    place.replaceChildren(source.content.cloneNode(true));
    place.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) $("#signed-out")?.removeAttribute("hidden");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) $("#signed-out")?.setAttribute("hidden", "");
  });
  document.addEventListener("htmx:sendError", () => tell("offline"));

  // How far an upload is; and a file too large is said before it is sent.
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = $("[data-upload-progress]", event.target);
    const { loaded, total, lengthComputable } = event.detail;
    if (!bar || !lengthComputable || !$("input[type=file]", event.target)?.files.length) return;
    bar.hidden = loaded >= total && bar.hidden;
    bar.value = Math.round(100 * loaded / total);
  });
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches?.("input[type=file][data-max-mb]")) return;
    $(".error[data-size]", field.parentElement)?.remove();
    const most = parseFloat(field.dataset.maxMb) * 1048576;
    const large = [...field.files].filter((file) => file.size > most).map((file) => file.name);
    if (!large.length) return;
    const words = document.createElement("p");
    words.className = "error";
    words.dataset.size = "";
    words.setAttribute("role", "alert");
    words.textContent = `${field.dataset.tooLarge} ${large.join(", ")}`;
    field.before(words);
  });
})();
