// The map on screen: two canvases, legend, toolbar, hover card and selection.
import {formatNumber} from "../lib/format.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {modalities} from "../lib/modalities.js";
import {navigate, route} from "../lib/router.js";
import {countWithin, parseArea} from "./area.js";
import {serializeCamera, visibleArea} from "./camera.js";
import {HoverCard} from "./hover-card.js";
import {createItemCache} from "./item-cache.js";
import {handleKey, KEYBOARD_HELP} from "./keyboard.js";
import {keepLabelled} from "./labels.js";
import {listenToPointer} from "./pointer.js";
import {countPoints, describeCounts, idAt, indexOf} from "./points.js";
import {pixelRatio, startRenderLoop} from "./render-loop.js";
import {Selection} from "./selection.js";
import {animateTo, createViewState, resize, settledCamera, stopAnimation, zoom} from "./view-state.js";

const DEBOUNCE_MS = 200;   // after the last movement, before the address is updated
const ZOOM_FACTOR = 1.6;

export function Plot({points, collection}) {
  const box = useRef(null);
  const pointsCanvas = useRef(null);
  const overlayCanvas = useRef(null);
  const [scene, setScene] = useState(null);
  useEffect(() => {
    const created = createScene(points, collection, box.current, pointsCanvas.current, overlayCanvas.current);
    setScene(created);
    return created.stop;
  }, [points]);
  const counts = countPoints(points);
  const onKeyDown = (event) => { if (scene && handleKey(event, scene.view, scene.open)) event.preventDefault(); };
  return html`
    <div class="plot" ref=${box}>
      <canvas ref=${pointsCanvas} aria-hidden="true"></canvas>
      <canvas ref=${overlayCanvas} tabindex="0" role="application" aria-roledescription="map" aria-label=${`Map of ${collection}: ${describeCounts(counts)}`}
        aria-describedby="map-keys" class=${scene?.view.selecting.value ? "selecting" : ""} onKeyDown=${onKeyDown}></canvas>
      ${scene && html`
        <${Legend} view=${scene.view} counts=${counts} />
        <${Toolbar} view=${scene.view} />
        <${HoverCard} ...${scene} collection=${collection} />
        <${Selection} ...${scene} collection=${collection} />`}
    </div>
    <p class="quiet under">${scene && html`<${VisibleCount} view=${scene.view} />`} <span id="map-keys">${KEYBOARD_HELP}</span></p>`;
}

/** Everything that lives until these points are unmounted. */
function createScene(points, collection, box, pointsCanvas, overlayCanvas) {
  const {params} = route.value;
  const view = createViewState(points, sizeOf(box), {at: params.get("at"), area: parseArea(params.get("a"))});
  const items = createItemCache(collection, pixelRatio());
  const renderLoop = startRenderLoop(view, pointsCanvas, overlayCanvas, items);
  const addressSync = syncAddress(view, collection);
  const openItem = (index) => {
    addressSync.write(index);
    navigate("document", {c: collection, d: idAt(points.documents, index), i: idAt(points.ids, index), page: items.find(idAt(points.ids, index))?.page});
  };
  const observer = new ResizeObserver(() => resize(view, sizeOf(box)));
  observer.observe(box);
  const stops = [stopAnimation, renderLoop.stop, addressSync.stop, keepLabelled(view, items, renderLoop.redrawOverlay), listenToPointer(overlayCanvas, view, items, openItem), () => observer.disconnect()];
  restorePoint(view, params.get("i"), overlayCanvas);
  return {view, items, open: openItem, stop: () => stops.forEach((stop) => stop())};
}

const sizeOf = (box) => ({width: Math.max(1, box.clientWidth), height: Math.max(1, box.clientHeight)});

/** Back from a document: the point that was opened is active again. */
function restorePoint({point, points}, id, canvas) {
  const index = id ? indexOf(points.ids, id) : -1;
  if (index < 0) return;
  point.value = {index, by: "keyboard"};
  canvas.focus({preventScroll: true});
}

/** Keeps camera and selection in the address, so that links and the back button work. */
function syncAddress(view, collection) {
  let timer = 0;
  const write = (index = -1) => {
    clearTimeout(timer);
    const camera = settledCamera(view);
    const {homeCamera: {value: home}, area: {value: area}, points} = view;
    const at = camera.x === home.x && camera.y === home.y && camera.scale === home.scale ? "" : serializeCamera(camera, home);
    navigate("map", {c: collection, at, a: area?.join(), i: index < 0 ? "" : idAt(points.ids, index)}, {replace: true});
  };
  const stops = [view.camera, view.area].map((each) => {
    let isInitial = true;
    return each.subscribe(() => {
      clearTimeout(timer);
      if (!isInitial) timer = setTimeout(write, DEBOUNCE_MS);
      isInitial = false;
    });
  });
  return {write, stop: () => { clearTimeout(timer); stops.forEach((stop) => stop()); }};
}

const MARKER_PATHS = {disc: "M12 5a7 7 0 1 1 0 14a7 7 0 0 1 0-14", diamond: "M12 3l9 9l-9 9l-9-9z", square: "M6 6h12v12h-12z"};

function Legend({view, counts}) {
  const visible = view.visible.value;
  const toggle = (code) => { view.visible.value = visible.map((each, at) => (at === code ? !each : each)); };
  return html`
    <fieldset class="legend">
      <legend class="hidden">What is shown</legend>
      ${modalities().map(({label_plural: label, marker, style}, code) => html`
        <label class=${style}><input type="checkbox" checked=${visible[code]} onChange=${() => toggle(code)} />
          <svg viewBox="0 0 24 24" width="14" height="14" aria-hidden="true"><path d=${MARKER_PATHS[marker]} fill="currentColor" /></svg>
          <span>${label} ${formatNumber(counts[code])}</span></label>`)}
    </fieldset>`;
}

function Toolbar({view}) {
  const {selecting} = view;
  return html`
    <div class="tools" role="toolbar" aria-label="Look at the map">
      <button class="icon" title="Zoom in" aria-label="Zoom in" onClick=${() => zoom(view, ZOOM_FACTOR)}><${Icon} name="plus" /></button>
      <button class="icon" title="Zoom out" aria-label="Zoom out" onClick=${() => zoom(view, 1 / ZOOM_FACTOR)}><${Icon} name="minus" /></button>
      <button class="icon" title="Show everything" aria-label="Show everything" onClick=${() => animateTo(view, view.homeCamera.value)}><${Icon} name="whole" /></button>
      <button class="icon" title="Select an area: drag a rectangle" aria-label="Select an area" aria-pressed=${selecting.value}
        onClick=${() => { selecting.value = !selecting.value; }}><${Icon} name="area" /></button>
    </div>`;
}

/** The number of points in view, announced after a movement. */
function VisibleCount({view}) {
  const [text, setText] = useState("");
  useEffect(() => {
    let timer = 0;
    const update = () => setText(`In view: ${describeCounts(countWithin(view.grid, view.points, visibleArea(view.camera.value, view.size.value)))}.`);
    const updateSoon = () => {
      clearTimeout(timer);
      timer = setTimeout(update, DEBOUNCE_MS);
    };
    const stops = [view.camera.subscribe(updateSoon), view.size.subscribe(updateSoon)];
    return () => { clearTimeout(timer); stops.forEach((stop) => stop()); };
  }, [view]);
  return html`<span role="status">${text}</span>`;
}
