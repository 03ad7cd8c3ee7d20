// What pages do beyond links and forms; without it everything still works.
"use strict";
(() => {
  const TICK = 4000;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A part that changes by itself asks again, while somebody looks.
  setInterval(() => {
    if (document.hidden) return;
    for (const part of all("[data-live]")) {
      if (!part.contains(document.activeElement) || document.activeElement.id) htmx.trigger(part, "tick");
    }
  }, TICK);

  for (const field of all("[data-timezone]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

  // A choice that needs no button.
  for (const button of all("[data-auto]")) {
    button.hidden = true;
    button.form.addEventListener("change", () => button.form.requestSubmit());
  }

  // A form that takes a while says so, and is not sent twice.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.dataset.busy) return;
    setTimeout(() => { button.disabled = true; button.textContent = button.dataset.busy; });
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // An open menu closes by Escape, or when something else is clicked.
  document.addEventListener("click", (event) => {
    for (const menu of all("details.me[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // One page of a fax: zoom, and the keys of a book.
  const viewer = document.querySelector("[data-viewer]");
  const zoom = (name) => {
    viewer.dataset.zoom = name;
    for (const button of all("[data-zoom]", viewer)) button.setAttribute("aria-pressed", button.dataset.zoom === name);
    try { sessionStorage.setItem("zoom", name); } catch { /* a browser may forbid it */ }
  };
  if (viewer) {
    for (const button of all("button[data-zoom]", viewer)) button.addEventListener("click", () => zoom(button.dataset.zoom));
    let kept = "";
    try { kept = sessionStorage.getItem("zoom") || ""; } catch { /* the same */ }
    if (kept) zoom(kept);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of all("details.me[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const way = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (way) way.click();
    if (viewer && event.key === "+") zoom(viewer.dataset.zoom === "pels" ? "twice" : "pels");
    if (viewer && event.key === "-") zoom(viewer.dataset.zoom === "twice" ? "pels" : "fit");
  });

  // Files are dropped where they are chosen.
  for (const place of all("[data-drop]")) {
    for (const kind of ["dragover", "dragleave", "drop"]) {
      place.addEventListener(kind, () => place.classList.toggle("over", kind === "dragover"));
    }
  }
})();
