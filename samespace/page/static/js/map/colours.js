// The colours of the style sheet as numbers, for the canvases.
import {modalities} from "../lib/modalities.js";

const properties = () => ({
  ...Object.fromEntries(modalities().map(({style}) => [style, `--${style}`])),
  ground: "--surface", text: "--text", accent: "--accent",
});

/** Each colour of the current theme as [red, green, blue]; those of the modalities under their `style`. */
export function readColours(element) {
  return Object.fromEntries(Object.entries(properties()).map(([name, property]) => [name, colourOf(property, element)]));
}

/** Read from an element of its own: one that is reused may still be in a transition. */
function colourOf(property, element) {
  const probe = document.createElement("i");
  probe.style.color = `var(${property})`;
  element.append(probe);
  const colour = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  probe.remove();
  return colour;
}

/** Call `callback` when the theme of the page or the system changes; returns how to stop. */
export function onThemeChange(callback) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(callback);
  observer.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
  system.addEventListener("change", callback);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", callback);
  };
}
