/** The only module that talks to the server. */

/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Explanation} Explanation */
/** @typedef {import("./types.js").Jacobian} Jacobian */
/** @typedef {import("./types.js").Matrix} Matrix */
/** @typedef {import("./figure-matrices.js").Figure} Figure */

/** A refusal, or a server that does not answer (code "offline"): its text is the catalogue's `problem.CODE`. */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {Record<string, unknown>} [params]
   * @param {string} [field]
   * @param {string} [detail] English, for where the catalogue has no text.
   * @param {{code: string, params: Record<string, unknown>, field: string}[]} [errors] All findings, where there are several.
   * @param {number} [pause] Seconds after which the server asks to be asked again.
   */
  constructor(code, params = {}, field = undefined, detail = code, errors = [], pause = 0) {
    super(detail);
    this.code = code;
    this.params = params;
    this.field = field;
    this.errors = errors;
    this.pause = pause;
  }
}

/** What the server takes at most, in MiB. */
const LARGEST = 16;

/**
 * Refuse a file that the server would not take, before it is read.
 * @param {{name: string, size: number}} file
 * @throws {Problem}
 */
export function expectSmall({ name, size }) {
  if (size > LARGEST * 2 ** 20) throw new Problem("file_too_large", { name, limit: LARGEST });
}

/** The longest that an answer is waited for, in seconds. */
const PATIENCE = 30;
/** What stands before a service says so when the service itself is away. */
const AWAY = [502, 503, 504];

let build = "";
/** The specs of the runs that came, by id: a server that lost its store is told them again. */
const specs = new Map();

/**
 * Say which build is asked for, so that its answers may be kept for ever, and which run came with the page.
 * @param {string} name
 * @param {Run} run
 */
export function askBuild(name, run) {
  build = name;
  specs.set(run.id, run.spec);
}

/**
 * A path with the build in it.
 * @param {string} path
 */
export function address(path) {
  return `${path}${path.includes("?") ? "&" : "?"}v=${encodeURIComponent(build)}`;
}

/**
 * @param {object} spec
 * @returns {Promise<Run>}
 */
export function createRun(spec) {
  return postAnswer("/api/v1/runs", spec);
}

/**
 * A run made from another: edits appended, fields of its spec replaced whole.
 * @param {string} id
 * @param {import("./types.js").Edit[]} edits
 * @param {object} changes
 * @returns {Promise<Run>}
 */
export function forkRun(id, edits, changes) {
  return postAnswer(`/api/v1/runs/${encodeURIComponent(id)}/forks`, { edits, changes });
}

/**
 * @param {string} id
 * @returns {Promise<Run>}
 */
export function getRun(id) {
  return getAnswer(`/api/v1/runs/${encodeURIComponent(id)}`);
}

/**
 * For each tensor of two runs with the same steps, the first position at which they part.
 * @param {string} a
 * @param {string} b
 * @param {number} position How far that is looked for.
 * @returns {Promise<import("./versus-rows.js").Comparison>}
 */
export function getComparison(a, b, position) {
  return getAnswer(`/api/v1/runs/${encodeURIComponent(a)}/compare/${encodeURIComponent(b)}?position=${position}&values=none`);
}

/**
 * @param {string} id
 * @param {number} position
 * @returns {Promise<Frame>}
 */
export function getFrame(id, position) {
  return getAnswer(framePath(id, position));
}

/**
 * The values of a tensor that is too large to stand in its frame.
 * @param {string} id
 * @param {number} position
 * @param {string} tensor
 * @returns {Promise<{values: Matrix | null}>}
 */
export function getTensor(id, position, tensor) {
  return getAnswer(tensorPath(id, position, tensor));
}

/**
 * Which class the network gives to each point of the data's plane.
 * @param {string} id
 * @param {number} position
 * @param {number} resolution
 */
export function getRegions(id, position, resolution) {
  return getAnswer(`${framePath(id, position)}/regions?resolution=${resolution}`);
}

/**
 * The tensor as text for another program.
 * @param {string} id
 * @param {number} position
 * @param {string} tensor
 * @param {string} program "numpy", "curl" or "httpx".
 * @returns {Promise<string>}
 */
export function getCode(id, position, tensor, program) {
  return asked(address(`${tensorPath(id, position, tensor)}/code?for=${program}`), {}, true);
}

/**
 * @param {string} id
 * @param {number} position
 * @param {string} tensor
 */
export function tensorPath(id, position, tensor) {
  return `${framePath(id, position)}/tensors/${tensor}`;
}

/**
 * @param {string} id
 * @param {number} position
 * @param {string} tensor
 * @param {number} row
 * @param {number} column
 * @returns {Promise<Explanation>}
 */
export function getExplanation(id, position, tensor, row, column) {
  return getAnswer(`${framePath(id, position)}/tensors/${tensor}/cells/${row},${column}`);
}

/**
 * @param {string} id
 * @param {number} position
 * @param {string} tensor
 * @param {string} lang
 * @param {string} theme
 * @returns {Promise<Figure>}
 */
export function getFigure(id, position, tensor, lang, theme) {
  return getAnswer(`${framePath(id, position)}/tensors/${tensor}/figure?lang=${lang}&theme=${theme}`);
}

/**
 * @param {string} id
 * @param {number} position
 * @param {string} layer
 * @param {number} sample
 * @returns {Promise<Jacobian>}
 */
export function getJacobian(id, position, layer, sample) {
  return getAnswer(`${framePath(id, position)}/jacobians/${layer}?sample=${sample}`);
}

/**
 * @param {string} id
 * @param {number} position
 * @param {string} layer
 * @param {number} sample
 * @param {string} lang
 * @param {string} theme
 * @returns {Promise<Figure>}
 */
export function getJacobianFigure(id, position, layer, sample, lang, theme) {
  return getAnswer(`${framePath(id, position)}/jacobians/${layer}/figure?sample=${sample}&lang=${lang}&theme=${theme}`);
}

/**
 * What one sample adds to the gradient of every parameter.
 * @param {string} id
 * @param {number} position
 * @param {number} sample
 * @returns {Promise<{tensors: Record<string, import("./types.js").Figures>}>}
 */
export function getShares(id, position, sample) {
  return getAnswer(`${framePath(id, position)}/samples/${sample}`);
}

/** @returns {Promise<{datasets: import("./builder-spec.js").Dataset[]}>} */
export function getDatasets() {
  return getAnswer("/api/v1/datasets");
}

/**
 * What is in a table, before its label is chosen.
 * @param {Blob} table
 * @returns {Promise<import("./own-spec.js").Preview>}
 */
export function previewTable(table) {
  return tabled("preview=true", table);
}

/**
 * A table that the server keeps.
 * @param {Blob} table
 * @param {string} label The column that says what each row is.
 * @param {string[]} without Columns that are left out.
 * @returns {Promise<import("./own-spec.js").Upload>}
 */
export function uploadTable(table, label, without) {
  return tabled(String(new URLSearchParams([["label", label], ...without.map((name) => ["without", name])])), table);
}

/**
 * @param {string} upload Its hash.
 * @returns {Promise<import("./own-spec.js").Upload>}
 */
export function getUpload(upload) {
  return getAnswer(`/api/v1/datasets/${upload}`);
}

/**
 * The numbers of an upload as comma-separated text.
 * @param {string} upload Its hash.
 * @returns {Promise<string>}
 */
export function getTable(upload) {
  return asked(address(`/api/v1/datasets/${upload}?format=csv`), {}, true);
}

/**
 * @param {string} query
 * @param {Blob} body
 */
function tabled(query, body) {
  const kind = body instanceof File && /\.np[yz]$/i.test(body.name) ? "application/octet-stream" : "text/csv";
  return asked(`/api/v1/datasets?${query}`, { method: "POST", headers: { "Content-Type": kind }, body });
}

/**
 * Texts by key.
 * @param {string} name "zh"
 * @returns {Promise<Record<string, string>>}
 */
export function getCatalogue(name) {
  return getAnswer(`/static/locales/${name}.json`);
}

/**
 * Where all that is asked of a position begins.
 * @param {string} id
 * @param {number} position
 */
export function framePath(id, position) {
  return `/api/v1/runs/${encodeURIComponent(id)}/frames/${position}`;
}

/**
 * What a path of this build answers.
 * @param {string} path
 * @returns {Promise<any>}
 */
export function getAnswer(path) {
  return asked(address(path));
}

/**
 * What the server says to this.
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export function postAnswer(path, body) {
  return asked(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @param {boolean} [text] Whether the answer is none of JSON.
 * @returns {Promise<any>}
 */
async function asked(path, options, text = false) {
  const call = new AbortController();
  const late = setTimeout(() => call.abort(), PATIENCE * 1000);
  try {
    const answer = await answered(path, { ...options, signal: call.signal });
    if (text) return await answer.text();
    const found = await answer.json();
    if (found.spec) specs.set(found.id, found.spec);
    return found;
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (call.signal.aborted) throw new Problem("late", { seconds: PATIENCE });
    // What breaks off is asked for again; what is not JSON would come again.
    throw new Problem(error instanceof SyntaxError ? "garbled" : "offline");
  } finally {
    clearTimeout(late);
  }
}

/**
 * What is no refusal.
 * @param {string} path
 * @param {RequestInit} options
 * @param {boolean} [told] Whether the server was just told the run.
 * @returns {Promise<Response>}
 */
async function answered(path, options, told = false) {
  const answer = await fetch(path, options);
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  const code = body.code ?? (AWAY.includes(answer.status) ? "offline" : "internal");
  const spec = specs.get(path.split(/[/?]/)[4]);
  if (code === "run_unknown" && spec && !told) {
    await createRun(spec);
    return answered(path, options, true);
  }
  const pause = Number(answer.headers.get("Retry-After")) || 0;
  throw new Problem(code, body.params, body.field, body.detail, body.errors, pause);
}

/**
 * The frames of a training, as the bytes of a stream that begins.
 * @param {string} id
 * @param {Record<string, string | number>} wanted start, stop, every, regions.
 * @param {AbortSignal} signal
 */
export function openFrames(id, wanted, signal) {
  const asks = Object.entries(wanted).map((pair) => pair.join("="));
  return openStream(`/api/v1/runs/${encodeURIComponent(id)}/frames?${asks.join("&")}`, { signal });
}

/**
 * A figure of how a run trains, as the events of a stream that begins.
 * @param {string} id
 * @param {string} query
 * @param {AbortSignal} signal
 */
export function openHistoryFigure(id, query, signal) {
  const headers = { Accept: "text/event-stream" };
  return openStream(`/api/v1/runs/${encodeURIComponent(id)}/history/figure?${query}`, { headers, signal });
}

/**
 * The bytes of a stream that begins.
 * @param {string} path
 * @param {RequestInit} options
 */
export async function openStream(path, options) {
  const answer = await answered(path, options).catch((error) => {
    throw error instanceof Problem ? error : new Problem("offline");
  });
  return /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
}

/**
 * Any error as a problem that the catalogue has words for.
 * @param {unknown} error
 */
export function problemOf(error) {
  return error instanceof Problem ? error : new Problem("internal", {}, undefined, String(error));
}
