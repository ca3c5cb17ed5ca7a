// The job that makes a map: started here, or already running.
import {collectionPath, request} from "../lib/api.js";
import {html, useEffect, useState} from "../lib/html.js";
import {jobFinished, jobs} from "../state/events.js";

/** {job, problem, start}: `job` while one is running, `problem` if the last one failed; `onFinished` is called with a new map. */
export function useMapJob(collection, onFinished) {
  const [startedJob, setStartedJob] = useState(null);
  const [problem, setProblem] = useState("");
  const running = jobs.value.find((each) => each.kind === "map");
  const id = startedJob ?? running?.id;
  useEffect(() => {
    if (!id) return undefined;
    let isUnmounted = false;
    jobFinished(id).then(
      ({state, reason}) => {
        if (isUnmounted) return;
        setStartedJob(null);
        if (state === "ready") onFinished();
        else if (state !== "cancelled") setProblem(reason ?? `the job is ${state}`);
      },
      (error) => { if (!isUnmounted) { setStartedJob(null); setProblem(error.message); } },
    );
    return () => { isUnmounted = true; };
  }, [id]);
  const start = async () => {
    setProblem("");
    try {
      setStartedJob((await request("POST", collectionPath(collection, "map", "jobs"))).job_id);
    } catch (error) {
      setProblem(error.message);
    }
  };
  return {job: id ? running ?? {id, done: 0, total: 0} : null, problem, start};
}

/** The progress of the job, or why it failed. */
export function MapJob({job, problem, start}) {
  if (job) return html`<${Progress} job=${job} />`;
  if (!problem) return null;
  return html`
    <p class="bad" role="alert">The map could not be made: ${problem}</p>
    <p><button onClick=${start}>Try again</button></p>`;
}

function Progress({job}) {
  const progress = job.total ? {max: job.total, value: job.done} : {};  // without a value the bar is indeterminate
  // If it cannot be cancelled any more, its result says how it ended.
  const cancel = () => request("POST", `/v1/jobs/${job.id}/cancel`).catch(() => {});
  return html`
    <div class="job">
      <progress ...${progress} aria-label="Making the map"></progress>
      <span role="status">Making the map…</span>
      <button class="needs-write" onClick=${cancel}>Cancel</button>
    </div>`;
}
