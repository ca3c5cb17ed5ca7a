// Making a map is a job: started from here or found under way, followed to its end.
import {ask, inCollection} from "../api.js";
import {jobEnds, jobs} from "../follow.js";
import {html, useEffect, useState} from "../html.js";

/** {job, problem, make}: `job` while one is under way, `problem` when the last one failed; `onMade` when there is a new map. */
export function useMaking(collection, onMade) {
  const [asked, setAsked] = useState(null);
  const [problem, setProblem] = useState("");
  const seen = jobs.value.find((each) => each.kind === "map");
  const id = asked ?? seen?.id;
  useEffect(() => {
    if (!id) return undefined;
    let left = false;
    jobEnds(id).then(
      ({state, reason}) => {
        if (left) return;
        setAsked(null);
        if (state === "ready") onMade();
        else if (state !== "cancelled") setProblem(reason ?? `the job is ${state}`);
      },
      (error) => { if (!left) { setAsked(null); setProblem(error.message); } },
    );
    return () => { left = true; };
  }, [id]);
  const make = async () => {
    setProblem("");
    try {
      setAsked((await ask("POST", inCollection(collection, "map", "jobs"))).job_id);
    } catch (error) {
      setProblem(error.message);
    }
  };
  return {job: id ? seen ?? {id, done: 0, total: 0} : null, problem, make};
}

/** How far the job has got, or why it failed. */
export function Making({job, problem, make}) {
  if (job) return html`<${Progress} job=${job} />`;
  if (!problem) return null;
  return html`
    <p class="bad" role="alert">The map could not be made: ${problem}</p>
    <p><button onClick=${make}>Try again</button></p>`;
}

function Progress({job}) {
  const far = job.total ? {max: job.total, value: job.done} : {};  // without a value the bar says only that something goes on
  // Where it cannot be called off any more its end says how it went.
  const callOff = () => ask("POST", `/v1/jobs/${job.id}/cancel`).catch(() => {});
  return html`
    <div class="job">
      <progress ...${far} aria-label="Making the map"></progress>
      <span role="status">Making the map…</span>
      <button class="needs-write" onClick=${callOff}>Cancel</button>
    </div>`;
}
