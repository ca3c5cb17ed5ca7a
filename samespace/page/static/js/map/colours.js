// The colours of the sheet as numbers, for what is drawn and not styled.

const NAMES = {passage: "--passage", picture: "--picture", ground: "--surface", text: "--text", accent: "--accent"};

/** Each colour as [red, green, blue], as it is in the theme of now. */
export function readColours(element) {
  return Object.fromEntries(Object.entries(NAMES).map(([name, property]) => [name, colourOf(property, element)]));
}

/** One element for each: one that changes its colour may be on its way there while it is asked. */
function colourOf(property, element) {
  const probe = document.createElement("i");
  probe.style.color = `var(${property})`;
  element.append(probe);
  const found = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
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
