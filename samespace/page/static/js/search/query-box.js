// The search box: typed text, and the parts of the query as chips; pictures by drop, paste and file input.
import {html, useCallback, useEffect, useLayoutEffect, useRef, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {listen} from "../lib/listen.js";
import {isQueryFile, queryAccept} from "../lib/modalities.js";
import {notify} from "../lib/notifications.js";
import {Chip} from "./chip.js";
import {storePicture} from "./query-pictures.js";
import {hasOperators, parsePart, PART_MEDIA_TYPE, picturePart} from "./query.js";
import {formatPart, parseQuery} from "./syntax.js";

export function QueryBox({query, onQuery}) {
  const [text, setText] = useState(query.text);
  const [problem, setProblem] = useState("");
  const [isDragOver, setDragOver] = useState(false);
  const input = useRef(null);
  const {addTransfer, changePart} = usePartChanges({query, text, input, onQuery});

  useEffect(() => { setText(query.text); setProblem(""); }, [query.key]);
  // A layout effect, not after the next paint: a key that is pressed at once must not be lost.
  useLayoutEffect(() => listenForInput({input, addTransfer, setDragOver}), []);

  function submit(asPart) {
    const {parts, problem: syntaxProblem} = parseQuery(text);
    setProblem(syntaxProblem);
    if (syntaxProblem) return input.current.focus();
    if (hasOperators(parts) || (asPart && parts.length)) onQuery({...query, text: "", parts: [...query.parts, ...parts]});
    else onQuery({...query, text: text.trim()});
  }

  function onKeyDown(event) {
    if (event.key === "Escape") setText("");
    if (event.key === "ArrowDown") document.querySelector(".hit .body")?.focus();
    if (event.key !== "Backspace" || text || !query.parts.length) return;
    event.preventDefault();
    const last = query.parts.at(-1);
    onQuery({...query, text: last.kind === "words" ? formatPart(last) : "", parts: query.parts.slice(0, -1)});
  }

  return html`
    <form class=${`box ${isDragOver ? "over" : ""}`} role="search" novalidate onSubmit=${(event) => { event.preventDefault(); submit(false); }}>
      <${Chips} parts=${query.parts} onChange=${changePart} />
      <div class="line">
        <${Icon} name="search" />
        <${QueryInput} inputRef=${input} text=${text} isRefining=${query.parts.length > 0} isInvalid=${Boolean(problem)}
          onText=${(value) => { setText(value); setProblem(""); }} onKeyDown=${onKeyDown} />
        <button type="button" class="icon" title="Keep these words as a part of the query" aria-label="Keep these words as a part"
          disabled=${!text.trim()} onClick=${() => { submit(true); input.current.focus(); }}><${Icon} name="plus" /></button>
        <${PictureButton} onFiles=${addTransfer} />
        <button class="main">Search</button>
      </div>
      ${problem && html`<p class="bad" id="query-problem" role="alert">${problem}</p>`}
      <p class="dropping" aria-hidden="true">Drop it to search with it</p>
    </form>`;
}

/** Handlers that add and change parts; they keep their identity, so that chips do not render again. */
function usePartChanges({query, text, input, onQuery}) {
  const latest = useRef();
  latest.current = {...query, text};
  const addTransfer = useCallback(async (transfer) => {
    const parts = await partsOf(transfer);
    if (parts.length) onQuery({...latest.current, parts: [...latest.current.parts, ...parts]});
  }, []);
  // When a chip is removed, the focus moves to the input.
  const changePart = useCallback((number, part) => {
    const parts = latest.current.parts.map((each, at) => (at === number ? part : each)).filter(Boolean);
    if (!part) input.current.focus();
    onQuery({...latest.current, parts});
  }, []);
  return {addTransfer, changePart};
}

const Chips = ({parts, onChange}) => html`
  <ul class="chips" aria-label="Parts of the query" hidden=${!parts.length}>
    ${parts.map((part, number) => html`<${Chip} key=${`${part.kind} ${part.value} ${number}`} part=${part} number=${number} onChange=${onChange} />`)}
  </ul>`;

const QueryInput = ({inputRef, text, isRefining, isInvalid, onText, onKeyDown}) => html`
  <input ref=${inputRef} type="search" name="q" value=${text} aria-label="Search by meaning" autocomplete="off" enterkeyhint="search"
    placeholder=${isRefining ? "and…" : "Describe what it shows or means"} maxlength="2000"
    aria-invalid=${isInvalid ? "true" : null} aria-describedby=${isInvalid ? "query-problem" : null}
    onInput=${(event) => onText(event.target.value)} onKeyDown=${onKeyDown} />`;

function PictureButton({onFiles}) {
  const files = useRef(null);
  const onChange = (event) => { onFiles(event.target).finally(() => { event.target.value = ""; }); };
  return html`
    <button type="button" class="icon" title="Search with a picture" aria-label="Search with a picture" onClick=${() => files.current.click()}>
      <${Icon} name="picture" /></button>
    <input ref=${files} type="file" accept=${queryAccept()} multiple hidden onChange=${onChange} />`;
}

/** Accept drops and pastes anywhere in the view; `/` focuses the input. */
function listenForInput({input, addTransfer, setDragOver}) {
  const hasSupportedData = (event) => event.dataTransfer && ["Files", PART_MEDIA_TYPE].some((type) => event.dataTransfer.types.includes(type));
  return listen(window, {
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
      addTransfer(event.clipboardData);
    },
    dragover(event) {
      if (!hasSupportedData(event)) return;
      event.preventDefault();
      setDragOver(true);
    },
    dragleave(event) { if (!event.relatedTarget) setDragOver(false); },
    dragend() { setDragOver(false); },
    drop(event) {
      setDragOver(false);
      if (!hasSupportedData(event)) return;
      event.preventDefault();
      addTransfer(event.dataTransfer);
    },
  });
}

/** The parts that were dropped, pasted or chosen: a result, or pictures, which are stored in this browser. */
async function partsOf(transfer) {
  const draggedPart = parsePart(transfer.getData?.(PART_MEDIA_TYPE) ?? "");
  if (draggedPart) return [draggedPart];
  const files = [...transfer.files];
  const pictures = files.filter(isQueryFile);
  if (pictures.length < files.length) notify("Only pictures can be used to search; add other files to a collection under “Add”.");
  try {
    return await Promise.all(pictures.map(async (file) => picturePart(await storePicture(file), 1, file.name || "picture")));
  } catch (error) {
    notify(`This browser cannot store the picture: ${error.message}`);
    return [];
  }
}
