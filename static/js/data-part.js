/** The data in the strip, and large in a dialog with a key to what it shows and a table. */

import { drawMark } from "./data-marks.js";
import { batchNow, classNames } from "./data-now.js";
import { NO_CLASS, classCount } from "./data-samples.js";
import { dataView } from "./data-view.js";
import { blank, button, byId, headCell, make, numberTable } from "./dom.js";
import { t } from "./i18n.js";
import { minus } from "./numbers.js";
import { effect, signal, state } from "./state.js";
import { palette } from "./theme.js";

const MOST_ROWS = 200;
const MOST_CLASSES = 16;
const MARK = 18;
const WORDS = {
  plane: ["data.title.plane", "data.note.plane"], digits: ["data.title.digits", "data.note.digits"], rows: ["data.title.rows", "data.note.rows"],
};

const dialog = /** @type {HTMLDialogElement} */ (byId("data-dialog"));
const [unfolded, listed] = [signal(false), signal(false)];
const list = /** @type {HTMLDetailsElement} */ (byId("data-list"));

const small = dataView({ resolution: 64, wanted: () => state.strip.value && !unfolded.value, open: enlarge });
const large = dataView({ resolution: 128, wanted: () => unfolded.value });
const larger = button("", "", enlarge);
larger.id = "data-larger";
small.words.append(larger);
byId("strip-data").append(small.box, small.words);
byId("data-picture").append(large.box);
byId("data-words").prepend(large.words);
dialog.addEventListener("close", () => (unfolded.value = false));
list.addEventListener("toggle", () => (listed.value = list.open));

effect(() => {
  larger.textContent = t("data.larger");
  const now = batchNow.value;
  if (!now) return;
  byId("strip-data").dataset.kind = dialog.dataset.kind = now.kind;
  if (!unfolded.value) return;
  const [title, note] = WORDS[now.kind];
  byId("data-title").textContent = t(title);
  const names = classNames(now.run);
  const count = Math.min(classCount(now.run), MOST_CLASSES);
  const marked = now.kind === "digits" ? [] : [...Array(count).keys()].map((code) => keyed({ label: code, said: code }, names(code)));
  if (now.kind !== "digits") marked.push(keyed({ label: 0, said: 1 }, t("data.key.wrong")));
  byId("data-key").replaceChildren(...marked);
  const [x, y] = axes(now.run);
  byId("data-note").textContent = [now.kind === "plane" ? t("data.axes", { x, y }) : "", t(note)].join(" ").trim();
  byId("data-table").replaceChildren(...(listed.value ? [tableOf(now, names)] : []));
});

function enlarge() {
  if (dialog.open) return;
  unfolded.value = true;
  dialog.showModal();
}

/** @param {import("./types.js").Run} run @returns {string[]} The names of the features. */
const axes = (run) => run.data?.features ?? ["x", "y"];

/**
 * A mark and what it stands for.
 * @param {{label: number, said: number}} what
 * @param {string} text
 */
function keyed(what, text) {
  const canvas = make("canvas", "");
  canvas.ariaHidden = "true";
  drawMark(blank(canvas, MARK, MARK), what, [MARK / 2, MARK / 2, 5], palette(state.theme.value));
  return make("li", "", canvas, text);
}

/**
 * The batch's samples as a table.
 * @param {NonNullable<typeof batchNow.value>} now
 * @param {(code: number) => string} names
 */
function tableOf({ run, frame, kind, samples }, names) {
  const input = kind === "plane" ? frame.tensors["batch.input"].values ?? [] : [];
  const [sample, ...judgement] = ["data.sample", "data.label", "data.said", "data.share"].map((key) => t(key));
  const heads = [sample, ...(input.length ? axes(run) : []), ...judgement];
  const rows = samples.slice(0, MOST_ROWS).map(({ label, said, share }, row) => {
    const judged = said === null ? ["–", "–"] : said === NO_CLASS ? [t("data.no_class"), "–"] : [names(said) + (said === label ? "" : " ✗"), share.toFixed(3)];
    const cells = [...(input[row] ?? []).map((value) => minus(Number(value).toFixed(3))), names(label), ...judged];
    return make("tr", "", headCell("row", String(row)), ...cells.map((text) => make("td", "", text)));
  });
  return numberTable(heads.map((text) => headCell("col", text)), rows);
}
