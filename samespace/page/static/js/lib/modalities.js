// The modalities: what the page shows and accepts differs by the rows alone that the server tells (`/v1/limits`).
import {signal} from "./html.js";

/** How a row looks, by its place: `style` the CSS class and colour (`--style`), `marker` the shape of its points on the
 * map, `placeholder` the icon in place of a missing preview. */
const LOOKS = [
  {style: "passage", marker: "disc", placeholder: "file"},
  {style: "picture", marker: "diamond", placeholder: "picture"},
];
const OTHER = {style: "other", marker: "square", placeholder: "file"};

/** Media types that browsers show as they are. */
const DISPLAYABLE = new Set(["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"]);

const rows = signal([]);
let querySuffixes = [];

/** Take the rows from the server's limits. */
export function setModalities({modalities = [], formats = []}) {
  rows.value = modalities.map((row, code) => ({
    ...row, ...(LOOKS[code] ?? OTHER), label: capitalize(row.called), label_plural: capitalize(row.plural),
  }));
  querySuffixes = formats.filter(({media_types: [type]}) => modalityOfDocument(type)).flatMap(({suffixes}) => suffixes);
}

/** The rows: `name`, `media_types` (how they begin, of documents that are a single item and of files to search with) and
 * `preview` ("text", "thumbnail" or "none") as in the API; `label` and `label_plural` for people; how they look. The order
 * is that of the codes in the map's data. */
export const modalities = () => rows.value;

/** The row of a modality; one that is unknown here is shown as the first, which is text. */
export const modalityOf = (name) => rows.value.find((each) => each.name === name) ?? rows.value[0];

/** The row of a document that is a single item, such as a picture; undefined for others. */
export const modalityOfDocument = (mediaType) => rows.value.find((each) => each.media_types.some((start) => mediaType.startsWith(start)));

/** Whether browsers show a document as it is. */
export const isDisplayable = (mediaType) => DISPLAYABLE.has(mediaType);

/** Whether a document of this media type has a thumbnail. */
export const hasThumbnail = (mediaType) => modalityOfDocument(mediaType)?.preview === "thumbnail";

/** Whether an item is shown by the thumbnail of its document; a picture inside a document has none of its own. */
export const isThumbnailItem = (item) => modalityOf(item.modality).preview === "thumbnail" && hasThumbnail(item.media_type ?? "");

/** Whether one can search with a file, by its media type or, where browsers know none, by its suffix. */
export const isQueryFile = ({type, name}) =>
  Boolean(modalityOfDocument(type)) || (!type && querySuffixes.some((suffix) => name.toLowerCase().endsWith(suffix)));

/** The `accept` attribute of an input for files to search with. */
export const queryAccept = () => rows.value.flatMap((each) => each.media_types).map((start) => (start.endsWith("/") ? `${start}*` : start)).join();

/** [value, label] of what a search or a classification can be restricted to; `allLabel` stands for no restriction. */
export const targetOptions = (allLabel) => [["", allLabel], ...rows.value.map((each) => [each.name, each.label_plural])];

/** A target out of the address, "" for none. */
export const parseTarget = (text) => (rows.value.some((each) => each.name === text) ? text : "");

const capitalize = (word) => word.charAt(0).toUpperCase() + word.slice(1);
