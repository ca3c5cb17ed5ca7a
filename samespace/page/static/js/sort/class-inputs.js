// The classes somebody names, a line for each.
import {html, useRef} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {label, repeats} from "./labels.js";

export function Classes({labels, onChange}) {
  const list = useRef(null);
  const again = repeats(labels);
  const change = (key, more) => onChange(labels.map((each) => (each.key === key ? {...each, ...more} : each)));
  const focusLine = (at) => requestAnimationFrame(() => list.current?.children[at]?.querySelector("input").focus());
  const add = () => {
    onChange([...labels, label()]);
    focusLine(labels.length);
  };
  const onEnter = (event, at) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (at === labels.length - 1) add();
    else focusLine(at + 1);
  };
  const remove = (key) => {
    onChange(labels.filter((each) => each.key !== key));
    focusLine(Math.max(0, labels.findIndex((each) => each.key === key) - 1));
  };
  const onPaste = (event, key) => {
    const names = event.clipboardData.getData("text/plain").split(/[\n\r\t]+/).map((each) => each.trim()).filter(Boolean);
    if (names.length < 2) return;
    event.preventDefault();
    const at = labels.findIndex((each) => each.key === key);
    onChange([...labels.slice(0, at), ...names.map((name) => label(name)), ...labels.slice(at + 1).filter((each) => each.name.trim())]);
  };
  return html`
    <ul class="labels" ref=${list}>
      ${labels.map((each, at) => html`
        <li key=${each.key}>
          <label><span class="hidden">Class ${at + 1}</span>
            <input placeholder="Class, such as cat" value=${each.name} maxlength="200" autocomplete="off" aria-invalid=${again[at] ? "true" : null}
              onKeyDown=${(event) => onEnter(event, at)} onPaste=${(event) => onPaste(event, each.key)}
              onInput=${(event) => change(each.key, {name: event.target.value})} /></label>
          <label><span class="hidden">Prompts of class ${at + 1}</span>
            <input class="prompts" placeholder="Prompts, if you like: a photo of a cat; a kitten" value=${each.prompts} autocomplete="off"
              onKeyDown=${(event) => onEnter(event, at)} onInput=${(event) => change(each.key, {prompts: event.target.value})} /></label>
          <button class="icon" aria-label=${`Remove class ${at + 1}`} disabled=${labels.length <= 2} onClick=${() => remove(each.key)}><${Icon} name="close" /></button>
          ${again[at] && html`<p class="bad">${each.name.trim()} is named twice.</p>`}
        </li>`)}
    </ul>
    <p><button onClick=${add}><${Icon} name="plus" /> Another class</button></p>`;
}
