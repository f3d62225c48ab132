/** The share dialog: links, the run file, a picture, and the chosen tensor as a file or as text for other programs. */

import { address, getCode, getTable, getUpload, tensorPath } from "./api.js";
import { byId } from "./dom.js";
import { t, worded } from "./i18n.js";
import { linksNow } from "./navigation.js";
import { runFile } from "./run-file.js";
import { chosenCell, state } from "./state.js";
import { viewNow } from "./view.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

const dialog = /** @type {HTMLDialogElement} */ (byId("share-dialog"));
/** @type {Record<string, () => void | Promise<void>>} */
const ACTS = {
  "share-save": saveRun,
  "share-open": () => byId("share-file").click(),
  "share-svg": () => savePicture("svg"),
  "share-png": () => savePicture("png"),
  "share-npy": saveTensor,
};

for (const [id, act] of Object.entries(ACTS)) byId(id).addEventListener("click", () => void Promise.resolve(act()).catch(failed));
for (const button of dialog.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => void copy(field(button.getAttribute("data-copy") ?? "")));
}
byId("share-program").addEventListener("change", () => void showCode());

/** Open it on what is shown now. */
export async function openShare() {
  const run = state.run.peek();
  if (!run) return;
  const { link, carried, short } = await linksNow(run);
  const tensor = chosen();
  say("");
  field("share-link").value = link;
  field("share-short").value = short;
  byId("share-short-row").hidden = !short;
  byId("share-carried").textContent = t(carried ? "share.carried" : run.spec.dataset.upload ? "share.uploaded" : "share.named");
  byId("share-chosen").hidden = !tensor;
  byId("share-none").hidden = Boolean(tensor);
  byId("share-tensor").textContent = tensor;
  dialog.showModal();
  await showCode();
}

/** The tensor of the chosen number, where it is computed. */
function chosen() {
  const { frame, tensor = "" } = chosenCell.peek() ?? {};
  return (frame?.tensors[tensor]?.computed_at ?? null) === null ? "" : tensor;
}

async function showCode() {
  const [tensor, frame, code] = [chosen(), state.frame.peek(), field("share-code")];
  if (!tensor || !frame) return;
  const program = field("share-program").value;
  code.value = "";
  const text = await getCode(frame.run, frame.position, tensor, program).catch(failed);
  if (text && program === field("share-program").value) code.value = text;
}

/**
 * Where the page may not write to the clipboard, the text stands selected.
 * @param {Field} from
 */
async function copy(from) {
  try {
    await navigator.clipboard.writeText(from.value);
    say(t("share.copied"));
  } catch {
    from.select();
    say(t("share.selected"));
  }
}

async function saveRun() {
  const run = state.run.peek();
  if (!run) return;
  const { upload } = run.spec.dataset;
  const table = upload ? { label: (await getUpload(upload)).label, csv: await getTable(upload) } : undefined;
  save("json", runFile(run, state.position.peek(), state.selection.peek(), viewNow(), table), `backglass-${run.id}`);
}

function saveTensor() {
  const frame = state.frame.peek();
  if (frame) download(address(`${tensorPath(frame.run, frame.position, chosen())}?format=npy`), `${chosen()}-${frame.position}.npy`);
}

/** @param {"svg" | "png"} kind */
async function savePicture(kind) {
  const { drawStage, asPng } = await import("./picture.js");
  const picture = await drawStage();
  const name = `backglass-${state.run.peek()?.id}-${state.position.peek()}`;
  save(kind, kind === "svg" ? picture.svg : await asPng(picture), name);
}

/**
 * @param {string} kind
 * @param {BlobPart} content
 * @param {string} name
 */
function save(kind, content, name) {
  const href = URL.createObjectURL(new Blob([content]));
  download(href, `${name}.${kind}`);
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/**
 * @param {string} href
 * @param {string} name
 */
function download(href, name) {
  Object.assign(document.createElement("a"), { href, download: name }).click();
  say(t("share.saved", { name }));
}

/** @param {unknown} error */
function failed(error) {
  say(worded(error));
}

/** @param {string} text */
function say(text) {
  byId("share-said").textContent = text;
}

/** @param {string} id */
function field(id) {
  return /** @type {Field} */ (byId(id));
}
