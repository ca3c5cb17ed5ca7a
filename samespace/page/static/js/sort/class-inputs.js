// The inputs for classes and their prompts, one row each.
import {html, useRef} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {findDuplicates, newLabel} from "./labels.js";

export function ClassInputs({labels, onChange}) {
  const list = useRef(null);
  const duplicates = findDuplicates(labels);
  const change = (key, changes) => onChange(labels.map((each) => (each.key === key ? {...each, ...changes} : each)));
  const focusRow = (at) => requestAnimationFrame(() => list.current?.children[at]?.querySelector("input").focus());
  const add = () => {
    onChange([...labels, newLabel()]);
    focusRow(labels.length);
  };
  const onEnter = (event, at) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (at === labels.length - 1) add();
    else focusRow(at + 1);
  };
  const remove = (key) => {
    onChange(labels.filter((each) => each.key !== key));
    focusRow(Math.max(0, labels.findIndex((each) => each.key === key) - 1));
  };
  const onPaste = (event, key) => {
    const names = event.clipboardData.getData("text/plain").split(/[\n\r\t]+/).map((each) => each.trim()).filter(Boolean);
    if (names.length < 2) return;
    event.preventDefault();
    const at = labels.findIndex((each) => each.key === key);
    onChange([...labels.slice(0, at), ...names.map((name) => newLabel(name)), ...labels.slice(at + 1).filter((each) => each.name.trim())]);
  };
  return html`
    <ul class="labels" ref=${list}>
      ${labels.map((each, at) => html`
        <li key=${each.key}>
          <label><span class="hidden">Class ${at + 1}</span>
            <input placeholder="Class, such as cat" value=${each.name} maxlength="200" autocomplete="off" aria-invalid=${duplicates[at] ? "true" : null}
              onKeyDown=${(event) => onEnter(event, at)} onPaste=${(event) => onPaste(event, each.key)}
              onInput=${(event) => change(each.key, {name: event.target.value})} /></label>
          <label><span class="hidden">Prompts of class ${at + 1}</span>
            <input class="prompts" placeholder="Prompts (optional): a photo of a cat; a kitten" value=${each.prompts} autocomplete="off"
              onKeyDown=${(event) => onEnter(event, at)} onInput=${(event) => change(each.key, {prompts: event.target.value})} /></label>
          <button class="icon" aria-label=${`Remove class ${at + 1}`} disabled=${labels.length <= 2} onClick=${() => remove(each.key)}><${Icon} name="close" /></button>
          ${duplicates[at] && html`<p class="bad">${each.name.trim()} is named twice.</p>`}
        </li>`)}
    </ul>
    <p><button onClick=${add}><${Icon} name="plus" /> Another class</button></p>`;
}
