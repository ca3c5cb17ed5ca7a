// Errors in scripts are shown, and break no more than the view they happen in.
import {html, useErrorBoundary} from "./html.js";
import {notify} from "./notifications.js";

const reload = () => location.reload();

/** Renders the view, or the error that it threw and a button to reload. */
export function ErrorBoundary({children}) {
  const [error] = useErrorBoundary((problem) => console.error(problem));
  if (!error) return children;
  return html`
    <section class="empty" role="alert">
      <h1>This view stopped</h1>
      <p>A mistake in the page, not in your data: <code>${String(error.message ?? error)}</code></p>
      <button class="main" onClick=${reload}>Load the page again</button>
    </section>`;
}

const notifyOfError = (problem) => notify(`A mistake in this page: ${problem?.message ?? problem}`, {retry: reload});

addEventListener("error", (event) => { if (event.error) notifyOfError(event.error); });
addEventListener("unhandledrejection", (event) => { if (event.reason?.name !== "AbortError") notifyOfError(event.reason); });
