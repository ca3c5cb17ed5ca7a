// An error in a script is said, and takes down no more than its view.
import {html, useErrorBoundary} from "./html.js";
import {say} from "./notifications.js";

const reload = () => location.reload();

/** Around a view: where it breaks, what is wrong and a way on. */
export function Safe({children}) {
  const [error] = useErrorBoundary((problem) => console.error(problem));
  if (!error) return children;
  return html`
    <section class="empty" role="alert">
      <h1>This view stopped</h1>
      <p>A mistake in the page, not in your data: <code>${String(error.message ?? error)}</code></p>
      <button class="main" onClick=${reload}>Load the page again</button>
    </section>`;
}

const tell = (problem) => say(`A mistake in this page: ${problem?.message ?? problem}`, {again: reload});

addEventListener("error", (event) => { if (event.error) tell(event.error); });
addEventListener("unhandledrejection", (event) => { if (event.reason?.name !== "AbortError") tell(event.reason); });
