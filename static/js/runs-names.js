/** A run's name: what it was told otherwise than its parent; of a first one the preset, or data and layers. */

import { cellName } from "./cells.js";
import { fieldsSaid } from "./change-words.js";
import { has, t } from "./i18n.js";
import { minus, readable } from "./numbers.js";
import { stepOf } from "./positions.js";

/** @typedef {import("./runs-known.js").Known} Known */
/** @typedef {import("./runs-known.js").Told} Told */

/** @param {Known} run */
export function nameOf({ preset, changes, data, layers, steps }) {
  if (preset && has(`preset.${preset}`)) return t(`preset.${preset}`);
  if (changes?.fields?.length) return fieldsSaid(changes.fields);
  if (changes?.cells?.length) return changes.count > 1 ? t("runs.cells", { count: changes.count }) : edited(changes.cells[0], steps);
  const named = `builder.choice.dataset.name.${data}`;
  // "Iris: flowers, measured"
  return `${(has(named) ? t(named) : data).split(/[:：]/)[0]} ${layers}`.trim();
}

/**
 * @param {Told} cell
 * @param {number} steps
 */
function edited(cell, steps) {
  const name = cellName(cell);
  const what = cell.value === null ? t("runs.back", { cell: name }) : `${name} = ${valueSaid(cell.value)}`;
  return cell.position === 0 ? what : t("runs.at", { what, ...stepOf(cell.position, steps) });
}

/**
 * As it was typed, where that is short.
 * @param {number} value
 */
function valueSaid(value) {
  const plain = String(value);
  return plain.length <= 8 ? minus(plain) : readable(value);
}

/**
 * What is remembered of where it stood.
 * @param {Known["seen"]} seen
 */
export function standing(seen) {
  if (!seen) return "";
  const { updates, loss } = seen;
  const after = t("figures.updates", { updates });
  return loss === null ? after : `${t("builder.field.loss")} ${readable(loss, 3)} · ${after}`;
}
