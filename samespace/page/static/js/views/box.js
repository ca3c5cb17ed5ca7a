// The box: what is typed, and the parts the query has already.
import {html, useCallback, useEffect, useLayoutEffect, useRef, useState} from "../html.js";
import {Icon} from "../icons.js";
import {isPicture, limits} from "../limits.js";
import {say} from "../notices.js";
import {keepPicture} from "../pictures.js";
import {isComposed, picture, readPart, writePart} from "../query.js";
import {parseTyped, typedOf} from "../syntax.js";
import {Chip} from "./chip.js";

/** What a result that is dragged carries. */
export const DRAGGED_PART = "application/x-samespace-part";

export function Box({asked, show}) {
  const [typed, setTyped] = useState(asked.text);
  const [problem, setProblem] = useState("");
  const [isOver, setOver] = useState(false);
  const input = useRef(null);
  const files = useRef(null);
  const now = useRef();
  now.current = {...asked, text: typed};

  useEffect(() => { setTyped(asked.text); setProblem(""); }, [asked.key]);
  const add = useCallback((parts) => show({...now.current, parts: [...now.current.parts, ...parts]}), []);
  const take = useCallback(async (transfer) => {
    const parts = await partsOf(transfer);
    if (parts.length) add(parts);
  }, []);
  // With the box itself, not after the next picture: a key that is pressed at once must not be lost.
  useLayoutEffect(() => listen({input, take, setOver}), []);

  // A change of a chip leaves the focus where it is; when a chip goes, it has to go somewhere.
  const change = useCallback((number, part) => {
    const parts = now.current.parts.map((each, at) => (at === number ? part : each)).filter(Boolean);
    if (!part) input.current.focus();
    show({...now.current, parts});
  }, []);

  function submit(keepWords) {
    const {parts, problem: unclear} = parseTyped(typed);
    setProblem(unclear);
    if (unclear) return input.current.focus();
    if (isComposed(parts) || (keepWords && parts.length)) show({...asked, text: "", parts: [...asked.parts, ...parts]});
    else show({...asked, text: typed.trim()});
  }

  function onKeyDown(event) {
    if (event.key === "Escape") setTyped("");
    if (event.key === "ArrowDown") document.querySelector(".hit .body")?.focus();
    if (event.key !== "Backspace" || typed || !asked.parts.length) return;
    event.preventDefault();
    const last = asked.parts.at(-1);
    show({...asked, text: last.kind === "words" ? typedOf(last) : "", parts: asked.parts.slice(0, -1)});
  }

  return html`
    <form class=${`box ${isOver ? "over" : ""}`} role="search" novalidate onSubmit=${(event) => { event.preventDefault(); submit(false); }}>
      <ul class="chips" aria-label="Parts of the query" hidden=${!asked.parts.length}>
        ${asked.parts.map((part, number) => html`<${Chip} key=${`${part.kind} ${part.value} ${number}`} part=${part} number=${number} onChange=${change} />`)}
      </ul>
      <div class="line">
        <${Icon} name="search" />
        <input ref=${input} type="search" name="q" value=${typed} aria-label="Search by meaning" autocomplete="off" enterkeyhint="search"
          placeholder=${asked.parts.length ? "and…" : "Say what it shows or means"} maxlength="2000"
          aria-invalid=${problem ? "true" : null} aria-describedby=${problem ? "unclear" : null}
          onInput=${(event) => { setTyped(event.target.value); setProblem(""); }} onKeyDown=${onKeyDown} />
        <button type="button" class="icon" title="Keep these words as a part of the query" aria-label="Keep these words as a part"
          disabled=${!typed.trim()} onClick=${() => { submit(true); input.current.focus(); }}><${Icon} name="plus" /></button>
        <button type="button" class="icon" title="Search with a picture" aria-label="Search with a picture" onClick=${() => files.current.click()}>
          <${Icon} name="picture" /></button>
        <input ref=${files} type="file" accept="image/*" multiple hidden
          onChange=${(event) => { take(event.target).finally(() => { event.target.value = ""; }); }} />
        <button class="main">Search</button>
      </div>
      ${problem && html`<p class="bad" id="unclear" role="alert">${problem}</p>`}
      <p class="dropping" aria-hidden="true">Drop it to search with it</p>
    </form>`;
}

/** Pictures can be dropped and pasted anywhere in the view; `/` leads to the box. */
function listen({input, take, setOver}) {
  const carries = (event) => event.dataTransfer && ["Files", DRAGGED_PART].some((type) => event.dataTransfer.types.includes(type));
  const listeners = {
    keydown(event) {
      const isTyping = event.target.closest?.("input:not([type=radio]), textarea, select, dialog, [contenteditable]");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current.focus();
      input.current.select();
    },
    paste(event) {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      take(event.clipboardData);
    },
    dragover(event) {
      if (!carries(event)) return;
      event.preventDefault();
      setOver(true);
    },
    dragleave(event) { if (!event.relatedTarget) setOver(false); },
    dragend() { setOver(false); },
    drop(event) {
      setOver(false);
      if (!carries(event)) return;
      event.preventDefault();
      take(event.dataTransfer);
    },
  };
  for (const [name, hear] of Object.entries(listeners)) addEventListener(name, hear);
  return () => { for (const [name, hear] of Object.entries(listeners)) removeEventListener(name, hear); };
}

/** The parts that were dropped, pasted or chosen: a result, or pictures, which are kept in this browser. */
async function partsOf(transfer) {
  const dragged = readPart(transfer.getData?.(DRAGGED_PART) ?? "");
  if (dragged) return [dragged];
  const files = [...transfer.files];
  const known = await limits();
  const pictures = files.filter((file) => isPicture(file, known));
  if (pictures.length < files.length) say("Only pictures can be searched with; other files are added to a collection under “Add”.");
  try {
    return await Promise.all(pictures.map(async (file) => picture(await keepPicture(file), 1, file.name || "picture")));
  } catch (error) {
    say(`This browser does not keep the picture: ${error.message}`);
    return [];
  }
}
