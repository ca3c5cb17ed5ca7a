// The colours of the sheet as numbers, for what is drawn and not styled.

const NAMES = {passage: "--passage", picture: "--picture", ground: "--surface", text: "--text", accent: "--accent"};

/** Each colour as [red, green, blue], as it is in the theme of now. */
export function readColours(element) {
  const probe = element.appendChild(document.createElement("i"));
  const found = {};
  for (const [name, property] of Object.entries(NAMES)) {
    probe.style.color = `var(${property})`;
    found[name] = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  }
  probe.remove();
  return found;
}

/** Call `act` when the theme changes, by the page's button or by the system; answers how to stop. */
export function onTheme(act) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = new MutationObserver(act);
  chosen.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
  system.addEventListener("change", act);
  return () => {
    chosen.disconnect();
    system.removeEventListener("change", act);
  };
}
