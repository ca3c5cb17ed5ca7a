// Before the first paint, and where the modules cannot be loaded: the chosen colours, a hand before dropped files, and
// a word when nothing starts.
// A classic script, since modules wait until the page was read; app.js marks the root `started`.
(() => {
  const root = document.documentElement;
  try {
    root.dataset.theme = localStorage.getItem("theme") ?? "auto";
  } catch {
    root.dataset.theme = "auto";  // a browser that keeps nothing
  }
  // A file that is dropped where nothing takes it would replace the page.
  for (const name of ["dragover", "drop"]) {
    addEventListener(name, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
  }
  // In capture: what could not be fetched does not bubble.
  addEventListener("error", (event) => {
    const place = document.getElementById("app");
    if ("started" in root.dataset || !place) return;
    const what = event.target.src ?? event.target.href ?? event.message;
    const said = document.createElement("p");
    said.setAttribute("role", "alert");
    said.className = "starting bad";
    said.append(`The page could not be started (${what}). Load it again; if that does not help, the server may be stopped or the browser too old.`);
    place.replaceChildren(said);
  }, true);
})();
