// What is known of the two sides of a collection: how far the other one is, what was measured, what people marked.
import {collectionPath, request} from "../lib/api.js";
import {useEffect, useState} from "../lib/html.js";
import {jobFinished} from "../state/events.js";

/** {comparison, problem, refresh} of a collection; `comparison` is null until it is loaded. */
export function useComparison(collection) {
  const [state, setState] = useState({comparison: null, problem: null});
  const refresh = () => request("GET", collectionPath(collection, "compare")).then(
    (comparison) => setState({comparison, problem: null}),
    (problem) => setState((previous) => ({...previous, problem})),
  );
  useEffect(() => { refresh(); }, [collection]);
  return {...state, refresh};
}

/** {start, isRunning, problem} of comparing by figures; `onDone` is called when it is made. */
export function useComparisonJob(collection, onDone) {
  const [state, setState] = useState({isRunning: false, problem: null});
  async function start(body) {
    setState({isRunning: true, problem: null});
    try {
      const {job_id: id} = await request("POST", collectionPath(collection, "compare", "jobs"), body);
      const {state: ended, reason} = await jobFinished(id);
      if (ended !== "ready") throw new Error(reason ?? `The job is ${ended}.`);
      setState({isRunning: false, problem: null});
      onDone();
    } catch (problem) {
      setState({isRunning: false, problem});
    }
  }
  return {...state, start};
}
