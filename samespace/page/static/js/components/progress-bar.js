// A bar with words under it, and what can be done about the work that it shows.
import {html} from "../lib/html.js";

/** `fraction` is null while nothing is known of it; of `details`, what is empty is left out. */
export function ProgressBar({label, fraction, details, children}) {
  const text = details.filter(Boolean).join(" · ");
  const progress = fraction === null ? {} : {max: 1, value: fraction};  // without a value the bar is indeterminate
  return html`
    <div class="job">
      <progress ...${progress} aria-label=${label} aria-valuetext=${text}></progress>
      <span class="words">${text}</span>
      ${children}
    </div>`;
}
