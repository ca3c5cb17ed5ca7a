// A question before something goes for good: a name that has to be typed, or a second press.
import {html, useEffect, useRef, useState} from "../lib/html.js";

/** Asks for the name of what is deleted; `onConfirm` answers whether it went. */
export function Confirm({name, children, onConfirm, onClose}) {
  const dialog = useRef(null);
  const [typed, setTyped] = useState("");
  useEffect(() => dialog.current.showModal(), []);
  const submit = async (event) => {
    event.preventDefault();
    if (typed === name && await onConfirm()) dialog.current?.close();
  };
  return html`
    <dialog ref=${dialog} onClose=${onClose} aria-labelledby="confirm">
      <form onSubmit=${submit}>
        <h2 id="confirm">Delete ${name}?</h2>
        ${children}
        <label><span>Type <strong>${name}</strong> to confirm</span>
          <input value=${typed} onInput=${(event) => setTyped(event.target.value)} autocomplete="off" autofocus /></label>
        <div class="buttons">
          <button type="button" onClick=${() => dialog.current.close()}>Keep it</button>
          <button class="danger" disabled=${typed !== name}>Delete</button>
        </div>
      </form>
    </dialog>`;
}

/** A button that wants to be pressed twice; it calms down when it is left. */
export function Twice({label, again, subject, onPress}) {
  const [isAsked, setAsked] = useState(false);
  const press = () => {
    setAsked(!isAsked);
    if (isAsked) onPress();
  };
  return html`<button type="button" class=${isAsked ? "danger needs-write" : "needs-write"} onClick=${press} onBlur=${() => setAsked(false)}
    aria-label=${`${isAsked ? again : label} ${subject}`}>${isAsked ? again : label}</button>`;
}
