// Runs before the first paint and even if modules fail to load: applies the theme, blocks the browser's own handling of
// dropped files, and reports a page that does not start.
// A classic script, since modules are deferred; app.js sets `data-started` on the root.
(() => {
  const root = document.documentElement;
  try {
    root.dataset.theme = localStorage.getItem("theme") ?? "auto";
  } catch {
    root.dataset.theme = "auto";  // storage is blocked
  }
  // Without this, a file dropped outside a drop zone would replace the page.
  for (const name of ["dragover", "drop"]) {
    addEventListener(name, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
  }
  // In the capture phase: load errors do not bubble.
  addEventListener("error", (event) => {
    const place = document.getElementById("app");
    if ("started" in root.dataset || !place) return;
    const what = event.target.src ?? event.target.href ?? event.message;
    const message = document.createElement("p");
    message.setAttribute("role", "alert");
    message.className = "starting bad";
    message.append(`The page could not be started (${what}). Load it again; if that does not help, the server may be stopped or the browser too old.`);
    place.replaceChildren(message);
  }, true);
})();
