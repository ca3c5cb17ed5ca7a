// The documents of a collection: newest first, by state and name; each retried, called off or deleted.
import {address, follow, go, pathOf} from "../lib/router.js";
import {bytes, when} from "../lib/format.js";
import {ask, inCollection} from "../lib/api.js";
import {collections, current} from "../state/collections.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {say} from "../lib/notifications.js";
import {Twice} from "../components/confirm.js";

const PAGE = 100;
const LOOK_MS = 3000;
const TYPING_MS = 300;
const STATES = ["queued", "processing", "ready", "failed", "cancelled"];

export function Documents() {
  const {params} = address.value;
  const asked = {state: params.get("state") ?? "", name: params.get("name") ?? ""};
  const list = useList(current.value, asked);
  const narrow = (more) => go("collections", {c: current.value, list: 1, ...asked, ...more}, {replace: true});
  const counts = collections.value.find((each) => each.name === current.value)?.documents ?? {};
  return html`
    <section class="documents" onClick=${follow}>
      <p><a href=${pathOf("collections", {c: current.value})}>All collections</a></p>
      <h1>Documents of ${current.value}</h1>
      <form class="row" onSubmit=${(event) => event.preventDefault()}>
        <${Name} name=${asked.name} onChange=${(name) => narrow({name})} />
        <label>State
          <select value=${asked.state} onChange=${(event) => narrow({state: event.target.value})}>
            <option value="">any</option>
            ${STATES.map((state) => html`<option key=${state} value=${state}>${state} (${counts[state] ?? 0})</option>`)}
          </select></label>
        ${asked.state === "failed" && list.documents?.length > 0 && html`<button type="button" class="needs-write" onClick=${() => retryAll(list)}><${Icon} name="retry" /> Try all again</button>`}
      </form>
      <${List} list=${list} asked=${asked} />
    </section>`;
}

function Name({name, onChange}) {
  const timer = useRef(0);
  const onInput = (event) => {
    const {value} = event.target;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(value.trim()), TYPING_MS);
  };
  return html`<label>Name has <input type="search" value=${name} onInput=${onInput} maxlength="200" autocomplete="off" /></label>`;
}

/** The pages read so far, the first asked for again while something on it is still to come. */
function useList(collection, {state, name}) {
  const [list, setList] = useState({});
  const load = async (after, limit) => {
    const query = new URLSearchParams({newest: true, limit, ...(state ? {state} : {}), ...(name ? {name} : {}), ...(after ? {after} : {})});
    return ask("GET", `${inCollection(collection, "documents")}?${query}`);
  };
  useEffect(() => {
    let isOver = false;
    const look = async () => {
      if (document.hidden) return;
      try {
        const {documents, next} = await load("", PAGE);
        if (!isOver) setList((before) => merge(before, documents, next));
      } catch (problem) {
        if (!isOver) setList({problem});
      }
    };
    setList({});
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => { isOver = true; clearInterval(timer); };
  }, [collection, state, name]);
  const more = async () => {
    const {documents, next} = await load(list.next, PAGE);
    setList((before) => ({...before, documents: [...before.documents, ...documents], next}));
  };
  const reload = () => load("", PAGE).then(({documents, next}) => setList({documents, next}));
  return {...list, more, reload};
}

/** The first page anew before those that were read on; the same object where nothing differs. */
function merge(before, documents, next) {
  if (!before.documents || before.documents.length <= PAGE) {
    const isSame = before.next === next && JSON.stringify(before.documents) === JSON.stringify(documents);
    return isSame ? before : {documents, next};
  }
  const fresh = new Map(documents.map((each) => [each.id, each]));
  return {...before, documents: before.documents.map((each) => fresh.get(each.id) ?? each)};
}

function List({list, asked}) {
  const {documents, next, problem, more} = list;
  if (problem) return html`<p class="bad" role="alert">${problem.message}</p>`;
  if (!documents) return html`<p class="quiet" role="status">Loading…</p>`;
  if (!documents.length) return html`<p class="quiet" role="status">${asked.state || asked.name ? "No document is like that." : "It holds no document yet."}</p>`;
  return html`
    <ul class="files">${documents.map((each) => html`<${Line} key=${each.id} document=${each} reload=${list.reload} />`)}</ul>
    ${next && html`<div class="further"><button onClick=${() => more().catch((error) => say(error.message))}>More</button></div>`}`;
}

function Line({document, reload}) {
  const {id, name, state, reason, warnings} = document;
  const act = async (method, rest, body) => {
    try {
      await ask(method, inCollection(current.value, "documents", rest), body);
      await reload();
    } catch (problem) {
      say(problem.message);
    }
  };
  return html`
    <li class="file">
      <a class="name" href=${pathOf("document", {c: current.value, d: id})} title=${document.external_id ?? name}>${name}</a>
      <span class="quiet small">${bytes(document.size)}, ${when(document.created_at)}</span>
      <span class=${`state ${state}`}>${state}</span>
      ${(state === "failed" || state === "cancelled") && html`<button class="needs-write" aria-label=${`Try ${name} again`} onClick=${() => act("POST", "retry", {ids: [id]})}><${Icon} name="retry" /> Try again</button>`}
      ${(state === "queued" || state === "processing") && html`<button class="needs-write" aria-label=${`Cancel ${name}`} onClick=${() => act("POST", "cancel", {ids: [id]})}>Cancel</button>`}
      <${Twice} label="Delete" again="Really delete" subject=${name} onPress=${() => act("DELETE", id)} />
      ${reason && html`<span class="reason">${reason}</span>`}
      ${warnings.map((each) => html`<span class="warning" key=${each}>${each}</span>`)}
    </li>`;
}

async function retryAll(list) {
  try {
    await ask("POST", inCollection(current.value, "documents", "retry"), {ids: list.documents.map((each) => each.id)});
    await list.reload();
  } catch (problem) {
    say(problem.message);
  }
}
