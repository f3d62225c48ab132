/** The state as a URL's fragment: `#preset=NAME&p=11&sel=TENSOR,r,c`, or `#s=` and the deflated spec. */

/** @typedef {import("./types.js").Cell} Cell */
/**
 * @typedef {{preset: string} | {spec: object} | {run: string}} Source Where the run comes from.
 * @typedef {Record<string, string>} View How it is looked at, where that is not as the page opens; see navigation.js.
 * @typedef {{source: Source | null, position: number, selection: Cell | null, view: View}} Place
 */

/**
 * @param {string} preset
 * @param {number} position
 * @param {Cell | null} selection
 * @param {View} [view]
 */
export function presetFragment(preset, position, selection, view = {}) {
  return `#preset=${preset}${placed(position, selection, view)}`;
}

/**
 * The fragment of a run by its id, for what is too long for a link.
 * @param {string} run
 * @param {number} position
 * @param {Cell | null} [selection]
 * @param {View} [view]
 */
export function runFragment(run, position, selection = null, view = {}) {
  return `#run=${run}${placed(position, selection, view)}`;
}

/**
 * @param {number} position
 * @param {Cell | null} selection
 * @param {View} view
 */
function placed(position, selection, view) {
  const cell = selection ? `&sel=${selection.tensor},${selection.index.join(",")}` : "";
  return `&p=${position}${cell}${Object.entries(view).map(([name, value]) => `&${name}=${value}`).join("")}`;
}

/**
 * The spec itself in the link, so that it opens on a server that has never seen the run.
 * @param {object} spec
 * @param {number} position
 * @param {Cell | null} selection
 * @param {View} [view]
 */
export async function specFragment(spec, position, selection, view = {}) {
  const text = JSON.stringify({ spec, p: position, ...(selection && { sel: selection }), ...view });
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return `#s=${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/**
 * What a fragment says; `source` is null where it says nothing.
 * @param {string} fragment
 * @returns {Promise<Place>}
 */
export async function readFragment(fragment) {
  const fields = Object.fromEntries(new URLSearchParams(fragment.replace(/^#/, "")));
  const { preset, run, s } = fields;
  if (s !== undefined) {
    const { spec, ...rest } = await inflated(s);
    return placeOf({ spec }, rest);
  }
  return placeOf(preset !== undefined ? { preset } : run !== undefined ? { run } : null, fields);
}

/**
 * A place from what was written: nothing of it is trusted.
 * @param {Source | null} source
 * @param {Record<string, any>} fields
 * @returns {Place}
 */
export function placeOf(source, { p, sel, preset: _preset, run: _run, ...rest }) {
  const position = whole(p);
  const cell = sel?.tensor ? `${sel.tensor},${sel.index}` : sel;
  const view = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]));
  return { source, position, selection: cellOf(cell, position), view };
}

/**
 * @param {string} deflated
 * @returns {Promise<Record<string, any>>}
 */
async function inflated(deflated) {
  const binary = atob(deflated.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw"))));
}

/**
 * @param {unknown} text "dense_2.dweight,2,1"
 * @param {number} position
 * @returns {Cell | null}
 */
function cellOf(text, position) {
  const found = /^([a-z0-9_.]+),(\d+),(\d+)$/.exec(String(text));
  return found && { tensor: found[1], index: [Number(found[2]), Number(found[3])], position };
}

/** @param {unknown} text */
export function whole(text) {
  return /^\d{1,15}$/.test(String(text)) ? Number(text) : 0;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {CompressionStream | DecompressionStream} stream
 */
async function through(bytes, stream) {
  const answer = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await answer.arrayBuffer());
}
