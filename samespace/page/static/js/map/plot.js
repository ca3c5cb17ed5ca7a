// The map on the screen: two canvases, and around them what tells and steers.
import {address, go} from "../lib/router.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {readArea, tallyWithin} from "./area.js";
import {inView, writeCamera} from "./camera.js";
import {Card} from "./hover-card.js";
import {keepDrawn, pixelRatio} from "./render-loop.js";
import {listen} from "./pointer.js";
import {createItems} from "./item-cache.js";
import {KEYS, press} from "./keyboard.js";
import {easeTo, heading, holdStill, lookAt, resize, zoom} from "./view-state.js";
import {followNear} from "./labels.js";
import {idAt, indexOf, inWords, tally} from "./points.js";
import {Selection} from "./selection.js";

const PAUSE_MS = 200;   // after the last movement, before the address follows
const FACTOR = 1.6;

export function Plot({points, collection}) {
  const box = useRef(null);
  const lower = useRef(null);
  const upper = useRef(null);
  const [scene, setScene] = useState(null);
  useEffect(() => {
    const made = stage(points, collection, box.current, lower.current, upper.current);
    setScene(made);
    return made.stop;
  }, [points]);
  const counts = tally(points);
  const onKeyDown = (event) => { if (scene && press(event, scene.looking, scene.open)) event.preventDefault(); };
  return html`
    <div class="plot" ref=${box}>
      <canvas ref=${lower} aria-hidden="true"></canvas>
      <canvas ref=${upper} tabindex="0" role="application" aria-roledescription="map" aria-label=${`Map of ${collection}: ${inWords(counts)}`}
        aria-describedby="map-keys" class=${scene?.looking.selecting.value ? "draws" : ""} onKeyDown=${onKeyDown}></canvas>
      ${scene && html`
        <${Legend} looking=${scene.looking} counts=${counts} />
        <${Tools} looking=${scene.looking} />
        <${Card} ...${scene} collection=${collection} />
        <${Selection} ...${scene} collection=${collection} />`}
    </div>
    <p class="quiet under">${scene && html`<${Seen} looking=${scene.looking} />`} <span id="map-keys">${KEYS}</span></p>`;
}

/** Everything that lives as long as these points are shown. */
function stage(points, collection, box, lower, upper) {
  const {params} = address.value;
  const looking = lookAt(points, sizeOf(box), {at: params.get("at"), area: readArea(params.get("a"))});
  const items = createItems(collection, pixelRatio());
  const drawn = keepDrawn(looking, lower, upper, items);
  const memory = remember(looking, collection);
  const open = (index) => {
    memory.now(index);
    go("document", {c: collection, d: idAt(points.documents, index), i: idAt(points.ids, index), page: items.find(idAt(points.ids, index))?.page});
  };
  const watch = new ResizeObserver(() => resize(looking, sizeOf(box)));
  watch.observe(box);
  const stops = [holdStill, drawn.stop, memory.stop, followNear(looking, items, drawn.again), listen(upper, looking, items, open), () => watch.disconnect()];
  comeBack(looking, params.get("i"), upper);
  return {looking, items, open, stop: () => stops.forEach((stop) => stop())};
}

const sizeOf = (box) => ({width: Math.max(1, box.clientWidth), height: Math.max(1, box.clientHeight)});

/** Back from a document: what was opened is pointed at again. */
function comeBack({point, points}, id, canvas) {
  const index = id ? indexOf(points.ids, id) : -1;
  if (index < 0) return;
  point.value = {index, by: "keys"};
  canvas.focus({preventScroll: true});
}

/** Where one looks is kept in the address, so that the back button returns to it. */
function remember(looking, collection) {
  let timer = 0;
  const now = (index = -1) => {
    clearTimeout(timer);
    const camera = heading(looking);
    const {whole: {value: whole}, area: {value: area}, points} = looking;
    const at = camera.x === whole.x && camera.y === whole.y && camera.scale === whole.scale ? "" : writeCamera(camera, whole);
    go("map", {c: collection, at, a: area?.join(), i: index < 0 ? "" : idAt(points.ids, index)}, {replace: true});
  };
  const stops = [looking.camera, looking.area].map((each) => {
    let first = true;
    return each.subscribe(() => {
      clearTimeout(timer);
      if (!first) timer = setTimeout(now, PAUSE_MS);
      first = false;
    });
  });
  return {now, stop: () => { clearTimeout(timer); stops.forEach((stop) => stop()); }};
}

function Legend({looking, counts}) {
  const shown = looking.shown.value;
  const toggle = (at) => { looking.shown.value = shown.map((each, number) => (number === at ? !each : each)); };
  return html`
    <fieldset class="legend">
      <legend class="hidden">What is shown</legend>
      ${[["Passages", counts.passages, "M12 5a7 7 0 1 1 0 14a7 7 0 0 1 0-14", "passage"], ["Pictures", counts.pictures, "M12 3l9 9l-9 9l-9-9z", "picture"]]
        .map(([label, count, path, kind], at) => html`
          <label class=${kind}><input type="checkbox" checked=${shown[at]} onChange=${() => toggle(at)} />
            <svg viewBox="0 0 24 24" width="14" height="14" aria-hidden="true"><path d=${path} fill="currentColor" /></svg>
            <span>${label} ${count.toLocaleString("en")}</span></label>`)}
    </fieldset>`;
}

function Tools({looking}) {
  const {selecting} = looking;
  return html`
    <div class="tools" role="toolbar" aria-label="Look at the map">
      <button class="icon" title="Zoom in" aria-label="Zoom in" onClick=${() => zoom(looking, FACTOR)}><${Icon} name="plus" /></button>
      <button class="icon" title="Zoom out" aria-label="Zoom out" onClick=${() => zoom(looking, 1 / FACTOR)}><${Icon} name="minus" /></button>
      <button class="icon" title="Show everything" aria-label="Show everything" onClick=${() => easeTo(looking, looking.whole.value)}><${Icon} name="whole" /></button>
      <button class="icon" title="Select an area: drag a rectangle" aria-label="Select an area" aria-pressed=${selecting.value}
        onClick=${() => { selecting.value = !selecting.value; }}><${Icon} name="area" /></button>
    </div>`;
}

/** What is in view, told when it rests. */
function Seen({looking}) {
  const [text, setText] = useState("");
  useEffect(() => {
    let timer = 0;
    const tell = () => setText(`In view: ${inWords(tallyWithin(looking.grid, looking.points, inView(looking.camera.value, looking.size.value)))}.`);
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(tell, PAUSE_MS);
    };
    const stops = [looking.camera.subscribe(later), looking.size.subscribe(later)];
    return () => { clearTimeout(timer); stops.forEach((stop) => stop()); };
  }, [looking]);
  return html`<span role="status">${text}</span>`;
}
