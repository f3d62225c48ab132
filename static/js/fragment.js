/** The state as a URL's fragment: `#preset=NAME&p=11&sel=TENSOR,r,c`, or `#s=` and the deflated spec. */

/** @typedef {import("./types.js").Cell} Cell */
/**
 * @typedef {{preset: string} | {spec: object} | {run: string}} Source Where the run comes from.
 * @typedef {{source: Source | null, position: number, selection: Cell | null}} Place
 */

/**
 * @param {string} preset
 * @param {number} position
 * @param {Cell | null} selection
 */
export function presetFragment(preset, position, selection) {
  const cell = selection ? `&sel=${selection.tensor},${selection.index.join(",")}` : "";
  return `#preset=${preset}&p=${position}${cell}`;
}

/**
 * The fragment of a run by its id, for what is too long for a link.
 * @param {string} run
 * @param {number} position
 */
export function runFragment(run, position) {
  return `#run=${run}&p=${position}`;
}

/**
 * The spec itself in the link, so that it opens on a server that has never seen the run.
 * @param {object} spec
 * @param {number} position
 * @param {Cell | null} selection
 */
export async function specFragment(spec, position, selection) {
  const text = JSON.stringify({ spec, p: position, ...(selection && { sel: selection }) });
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
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const deflated = fields.get("s");
  if (deflated !== null) return readSpec(deflated);
  const [preset, run] = [fields.get("preset"), fields.get("run")];
  const source = preset !== null ? { preset } : run !== null ? { run } : null;
  const position = whole(fields.get("p"));
  return { source, position, selection: cellOf(fields.get("sel"), position) };
}

/**
 * @param {string} deflated
 * @returns {Promise<Place>}
 */
async function readSpec(deflated) {
  const binary = atob(deflated.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const inflated = await through(bytes, new DecompressionStream("deflate-raw"));
  const { spec, p = 0, sel = null } = JSON.parse(new TextDecoder().decode(inflated));
  const position = whole(String(p));
  const index = sel?.index ?? [];
  const text = sel ? [sel.tensor, ...index].join(",") : null;
  return { source: { spec }, position, selection: cellOf(text, position) };
}

/**
 * @param {string | null} text "dense_2.dweight,2,1"
 * @param {number} position
 * @returns {Cell | null}
 */
function cellOf(text, position) {
  const found = /^([a-z0-9_.]+),(\d+),(\d+)$/.exec(text ?? "");
  return found && { tensor: found[1], index: [Number(found[2]), Number(found[3])], position };
}

/** @param {string | null} text */
function whole(text) {
  return /^\d{1,15}$/.test(text ?? "") ? Number(text) : 0;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {CompressionStream | DecompressionStream} stream
 */
async function through(bytes, stream) {
  const answer = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await answer.arrayBuffer());
}
