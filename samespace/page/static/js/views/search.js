// One box: words, pictures and found items, each with a weight, to one ranked list of passages and pictures.
import {address, go} from "../address.js";
import {ask, inCollection} from "../api.js";
import {current} from "../collections.js";
import {html, useEffect, useRef, useState} from "../html.js";
import {Icon} from "../icons.js";
import {say} from "../notices.js";
import {findPicture, keepPicture} from "../pictures.js";
import {isComposed, markedWords, parseTyped, picture, readPart, searchBody, writePart, words} from "../query.js";
import {Chip} from "./chip.js";
import {Filters} from "./filters.js";
import {Results} from "./results.js";

const PAGE = 24;
const TARGETS = [["", "Everything"], ["text", "Passages"], ["image", "Pictures"]];

export function Search() {
  if (current.value === null) return html`<${Nothing} />`;
  const asked = readAddress();
  const found = useFound(asked);
  return html`
    <section class="search" onDragOver=${(event) => event.preventDefault()} onDrop=${(event) => take(event, event.dataTransfer, asked)}>
      <h1 class="hidden">Search ${current.value}</h1>
      <${Box} asked=${asked} key=${asked.text + asked.parts.length} />
      <div class="narrow">
        <fieldset class="segments">
          <legend class="hidden">What to look for</legend>
          ${TARGETS.map(([value, label]) => html`
            <label><input type="radio" name="targets" value=${value} checked=${asked.targets === value}
              onChange=${() => show({...asked, targets: value})} /><span>${label}</span></label>`)}
        </fieldset>
        <${Filters} collection=${current.value} filter=${asked.filter} onChange=${(filter) => show({...asked, filter})} />
      </div>
      <${Results} found=${found} marks=${markedWords(allParts(asked))}
        onMore=${(part) => show({...asked, text: "", parts: [part]})}
        onAlso=${(part) => show({...asked, parts: [...asked.parts, part]})} />
    </section>`;
}

function Nothing() {
  return html`
    <section class="empty">
      <h1>Nothing here yet</h1>
      <p>Add files, pictures or texts, then find them by what they mean.</p>
      <a class="button main" href="/add" onClick=${(event) => { event.preventDefault(); go("add"); }}>Add something</a>
    </section>`;
}

// The query in the address: `q` what stands in the box, `p` a part for each chip.

function readAddress() {
  const {params} = address.value;
  return {
    text: params.get("q") ?? "",
    parts: params.getAll("p").map(readPart).filter(Boolean),
    targets: params.get("t") ?? "",
    filter: params.get("f") ?? "",
  };
}

const show = ({text, parts, targets, filter}, options) =>
  go("search", {c: current.value, q: text, p: parts.map(writePart), t: targets, f: filter}, options);

const allParts = ({text, parts}) => [...parts, ...parseTyped(text)];

/** Ask what was typed: plain words stay in the box, whatever says more becomes chips. */
function submit(asked, typed) {
  const parts = parseTyped(typed);
  if (isComposed(parts)) show({...asked, text: "", parts: [...asked.parts, ...parts]});
  else show({...asked, text: typed.trim()});
}

async function take(event, transfer, asked) {
  const files = [...transfer.files].filter((file) => file.type.startsWith("image/"));
  if (!files.length) return;
  event.preventDefault();
  const added = [];
  for (const file of files) added.push(picture(await keepPicture(file), 1, file.name || "picture"));
  show({...asked, parts: [...asked.parts, ...added]});
}

function Box({asked}) {
  const [typed, setTyped] = useState(asked.text);
  const input = useRef(null);
  const files = useRef(null);
  useEffect(() => {
    const onKey = (event) => {
      if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
        event.preventDefault();
        input.current.select();
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const change = (number, part) => show({...asked, text: typed, parts: asked.parts.map((each, at) => (at === number ? part : each)).filter(Boolean)});
  const onKeyDown = (event) => {
    if (event.key !== "Backspace" || typed || !asked.parts.length) return;
    const last = asked.parts.at(-1);
    show({...asked, text: last.kind === "words" ? last.value : "", parts: asked.parts.slice(0, -1)});
  };
  return html`
    <form class="box" role="search" onSubmit=${(event) => { event.preventDefault(); submit(asked, typed); }}>
      <ul class="chips" aria-label="Parts of the query" hidden=${!asked.parts.length}>
        ${asked.parts.map((part, number) => html`<${Chip} key=${writePart(part)} part=${part} onChange=${(next) => change(number, next)} />`)}
      </ul>
      <div class="line">
        <${Icon} name="search" />
        <input ref=${input} type="search" name="q" value=${typed} aria-label="Search by meaning" autocomplete="off"
          enterkeyhint="search" placeholder=${asked.parts.length ? "and…" : "Words, or drop a picture"} maxlength="2000"
          onInput=${(event) => setTyped(event.target.value)} onKeyDown=${onKeyDown} onPaste=${(event) => take(event, event.clipboardData, asked)} />
        <button type="button" class="icon" title="Keep these words as a part of the query" aria-label="Keep these words as a part"
          disabled=${!typed.trim()} onClick=${() => show({...asked, text: "", parts: [...asked.parts, ...(parseTyped(typed).length ? parseTyped(typed) : [words(typed)])]})}>
          <${Icon} name="plus" /></button>
        <button type="button" class="icon" title="Search with a picture" aria-label="Search with a picture" onClick=${() => files.current.click()}>
          <${Icon} name="picture" /></button>
        <input ref=${files} type="file" accept="image/*" multiple hidden onChange=${(event) => take(event, event.target, asked)} />
        <button class="main">Search</button>
      </div>
    </form>`;
}

/** The answer to what is asked, with `more` for its next stretch. */
function useFound(asked) {
  const key = JSON.stringify([current.value, asked]);
  const [found, setFound] = useState({state: "idle"});
  const latest = useRef(key);
  latest.current = key;
  const keep = (update) => { if (latest.current === key) setFound(update); };
  useEffect(() => {
    const parts = allParts(asked);
    if (!parts.length) {
      setFound({state: "idle"});
      return undefined;
    }
    const abort = new AbortController();
    setFound((before) => ({...before, state: "asking"}));
    askFor(parts, asked, abort.signal).then(
      (answer) => keep({state: "answered", answer, hits: answer.hits}),
      (problem) => { if (problem.name !== "AbortError") keep({state: "failed", problem}); },
    );
    return () => abort.abort();
  }, [key]);
  const more = async () => {
    if (found.state !== "answered" || !found.answer.cursor) return;
    setFound({...found, state: "asking more"});
    try {
      const next = await ask("POST", inCollection(current.value, "search"), {cursor: found.answer.cursor, limit: PAGE});
      keep({...found, answer: {...found.answer, cursor: next.cursor}, hits: [...found.hits, ...next.hits], state: "answered"});
    } catch (problem) {
      say(problem.message);
      keep({...found, answer: {...found.answer, cursor: null}, state: "answered"});
    }
  };
  return {...found, more};
}

async function askFor(parts, asked, abort) {
  const filter = asked.filter ? JSON.parse(asked.filter) : null;
  const body = searchBody(parts, {targets: asked.targets, filter, limit: PAGE});
  const pictures = parts.filter((each) => each.kind === "picture");
  return ask("POST", inCollection(current.value, "search"), pictures.length ? await formOf(body, pictures) : body, abort);
}

async function formOf(body, pictures) {
  const form = new FormData();
  form.set("request", JSON.stringify(body));
  for (const each of pictures) {
    const blob = await findPicture(each.value);
    if (!blob) throw new Error(`The picture “${each.name}” of this query is not in this browser; drop it again.`);
    form.append("image", blob, each.name);
  }
  return form;
}

