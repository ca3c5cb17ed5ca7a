// Light, dark, or as the system has it.
import {html, signal} from "./html.js";
import {Icon} from "./icons.js";
import {remember, remembered} from "./local-storage.js";

const NEXT = {auto: "light", light: "dark", dark: "auto"};
const SHOWN = {auto: "as the system has it", light: "light", dark: "dark"};

const before = remembered("theme");
const theme = signal(before in NEXT ? before : "auto");
theme.subscribe((value) => {
  document.documentElement.dataset.theme = value;
  remember("theme", value);
});

export function ChooseTheme() {
  const title = `Colours: ${SHOWN[theme.value]}`;
  return html`
    <button class="icon" title=${title} aria-label=${title} onClick=${() => { theme.value = NEXT[theme.value]; }}>
      <${Icon} name=${`theme-${theme.value}`} />
    </button>`;
}
