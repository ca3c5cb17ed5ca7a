// Confirmation before a deletion: by typing the name, or by a second click.
import {html, useEffect, useRef, useState} from "../lib/html.js";

/** A modal dialog that wants the name typed; `onConfirm` resolves to whether it was deleted. */
export function ConfirmDialog({name, children, onConfirm, onClose}) {
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

/** A button that has to be clicked twice; it resets when it loses the focus. */
export function ConfirmButton({label, confirmLabel, subject, onConfirm}) {
  const [isArmed, setArmed] = useState(false);
  const onClick = () => {
    setArmed(!isArmed);
    if (isArmed) onConfirm();
  };
  return html`<button type="button" class=${isArmed ? "danger needs-write" : "needs-write"} onClick=${onClick} onBlur=${() => setArmed(false)}
    aria-label=${`${isArmed ? confirmLabel : label} ${subject}`}>${isArmed ? confirmLabel : label}</button>`;
}
