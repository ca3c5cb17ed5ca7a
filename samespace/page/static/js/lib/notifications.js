// Short messages at the foot of the page, read out by screen readers.
import {html, signal} from "./html.js";

const notices = signal([]);
let number = 0;

/** Say something; it goes by itself unless there is something to press. */
export function say(text, {again, kind = "error"} = {}) {
  const id = ++number;
  notices.value = [...notices.value.filter((each) => each.text !== text), {id, text, again, kind}].slice(-4);
  if (!again) setTimeout(() => dismiss(id), 8000);
}

const dismiss = (id) => { notices.value = notices.value.filter((each) => each.id !== id); };

export function Notices() {
  return html`
    <div class="notices" role="status" aria-live="polite">
      ${notices.value.map(({id, text, again, kind}) => html`
        <div class=${`notice ${kind}`} key=${id}>
          <span>${text}</span>
          ${again && html`<button onClick=${() => { dismiss(id); again(); }}>Try again</button>`}
          <button class="icon" aria-label="Dismiss" onClick=${() => dismiss(id)}>×</button>
        </div>`)}
    </div>`;
}
