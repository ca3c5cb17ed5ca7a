// The modalities: what the page shows and accepts differs by these rows alone, which have the form of API records.

/**
 * A row: `name` as in the API; `label` and `label_plural` for people; `media_types` (with wildcards) and `suffixes` of
 * documents that are a single item of this modality, and of files to search with; `displayable` media types browsers
 * can show as they are; `preview` is "text" or "thumbnail"; `placeholder` the icon in place of a missing preview;
 * `style` the CSS class and colour (`--style`); `marker` the shape of its points on the map. The order is that of the
 * codes in the map's data.
 */
export const MODALITIES = [
  {
    name: "text", label: "Passage", label_plural: "Passages", media_types: [], suffixes: [], displayable: [],
    preview: "text", placeholder: "file", style: "passage", marker: "disc",
  },
  {
    name: "image", label: "Picture", label_plural: "Pictures", media_types: ["image/*"], suffixes: [".heic", ".heif", ".tif", ".tiff"],
    displayable: ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"],
    preview: "thumbnail", placeholder: "picture", style: "picture", marker: "diamond",
  },
];

/** The row of a modality; one that is unknown here is shown as text. */
export const modalityOf = (name) => MODALITIES.find((each) => each.name === name) ?? MODALITIES[0];

/** The row of a document that is a single item, such as a picture; undefined for others. */
export const modalityOfDocument = (mediaType) => MODALITIES.find((each) => each.media_types.some((pattern) => matches(pattern, mediaType)));

/** Whether a document of this media type has a thumbnail. */
export const hasThumbnail = (mediaType) => modalityOfDocument(mediaType)?.preview === "thumbnail";

/** Whether an item is shown by the thumbnail of its document; a picture inside a document has none of its own. */
export const isThumbnailItem = (item) => modalityOf(item.modality).preview === "thumbnail" && hasThumbnail(item.media_type ?? "");

/** Whether one can search with a file, by its media type or, where browsers know none, by its suffix. */
export const isQueryFile = ({type, name}) =>
  Boolean(modalityOfDocument(type)) || MODALITIES.some((each) => each.suffixes.some((suffix) => name.toLowerCase().endsWith(suffix)));

/** The `accept` attribute of an input for files to search with. */
export const QUERY_ACCEPT = MODALITIES.flatMap((each) => each.media_types).join();

/** [value, label] of what a search or a classification can be restricted to; `allLabel` stands for no restriction. */
export const targetOptions = (allLabel) => [["", allLabel], ...MODALITIES.map((each) => [each.name, each.label_plural])];

/** A target out of the address, "" for none. */
export const parseTarget = (text) => (MODALITIES.some((each) => each.name === text) ? text : "");

const matches = (pattern, mediaType) => (pattern.endsWith("/*") ? mediaType.startsWith(pattern.slice(0, -1)) : mediaType === pattern);
