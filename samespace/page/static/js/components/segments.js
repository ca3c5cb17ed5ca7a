// A choice of one among a few, all of them in view.
import {html} from "../lib/html.js";

/** `options` are [value, label]; `label` is what screen readers call the choice. */
export const Segments = ({label, options, chosen, onChoose}) => html`
  <fieldset class="segments">
    <legend class="hidden">${label}</legend>
    ${options.map(([value, text]) => html`
      <label><input type="radio" name="targets" value=${value} checked=${chosen === value} onChange=${() => onChoose(value)} />
        <span>${text}</span></label>`)}
  </fieldset>`;
