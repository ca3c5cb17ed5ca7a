// Colour theme: light, dark, or that of the system.
import {html, signal} from "./html.js";
import {Icon} from "./icons.js";
import {getItem, setItem} from "./local-storage.js";

const NEXT = {auto: "light", light: "dark", dark: "auto"};
const LABELS = {auto: "as the system has it", light: "light", dark: "dark"};

const saved = getItem("theme");
const theme = signal(saved in NEXT ? saved : "auto");
theme.subscribe((value) => {
  document.documentElement.dataset.theme = value;
  setItem("theme", value);
});

export function ThemeButton() {
  const title = `Colours: ${LABELS[theme.value]}`;
  return html`
    <button class="icon" title=${title} aria-label=${title} onClick=${() => { theme.value = NEXT[theme.value]; }}>
      <${Icon} name=${`theme-${theme.value}`} />
    </button>`;
}
