// Notifications at the foot of the page, read out by screen readers.
import {html, signal} from "./html.js";

const notifications = signal([]);
let number = 0;

/** Show a message; it disappears by itself unless it offers a retry. `kind` is "error" or "success". */
export function notify(text, {retry, kind = "error"} = {}) {
  const id = ++number;
  notifications.value = [...notifications.value.filter((each) => each.text !== text), {id, text, retry, kind}].slice(-4);
  if (!retry) setTimeout(() => dismiss(id), 8000);
}

/** Await a task and show the problem if it fails; resolves to whether it succeeded. */
export async function orNotify(task) {
  try {
    await task();
    return true;
  } catch (problem) {
    notify(problem.message);
    return false;
  }
}

const dismiss = (id) => { notifications.value = notifications.value.filter((each) => each.id !== id); };

export function Notifications() {
  return html`
    <div class="notices" role="status" aria-live="polite">
      ${notifications.value.map(({id, text, retry, kind}) => html`
        <div class=${`notice ${kind}`} key=${id}>
          <span>${text}</span>
          ${retry && html`<button onClick=${() => { dismiss(id); retry(); }}>Try again</button>`}
          <button class="icon" aria-label="Dismiss" onClick=${() => dismiss(id)}>×</button>
        </div>`)}
    </div>`;
}
