// Which side answers better: three buttons, and the names once it is said.
import {html} from "../lib/html.js";
import {SIDE_LABELS} from "./columns.js";

/** `said` is the side that was marked as better ("same": neither), null until then; blind marks are not changed. */
export function Preference({order, names, isBlind, said, onSay}) {
  const isLocked = isBlind && said !== null;
  const choices = [[order[0], `${SIDE_LABELS[0]} is better`], ["same", "No difference"], [order[1], `${SIDE_LABELS[1]} is better`]];
  return html`
    <div class="preference" role="group" aria-label="Which side answers better?">
      ${choices.map(([side, text]) => html`
        <button key=${text} aria-pressed=${said === side ? "true" : "false"} aria-disabled=${isLocked ? "true" : null}
          onClick=${() => { if (!isLocked) onSay(side); }}>${text}</button>`)}
      <span role="status">${said !== null && html`Kept. ${isBlind ? `A was ${names[order[0]]}, B was ${names[order[1]]}.` : ""}`}</span>
    </div>`;
}
