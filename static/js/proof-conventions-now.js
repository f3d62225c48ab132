/** Which conventions are tried, which tensor of them is looked at, and what the server says of both. */

import { answers } from "./answers.js";
import { framePath, getAnswer } from "./api.js";
import { byId } from "./dom.js";
import { followed, rowsIn, windowsOf } from "./proof-conventions-read.js";
import { proof } from "./proof-state.js";
import { busy, computed, effect, onStage, signal } from "./state.js";

/** @typedef {import("./types.js").Index} Index */
/** @typedef {import("./proof-conventions-read.js").Conventions} Conventions */
/** @typedef {import("./proof-conventions-read.js").Switched} Switched */
/** @typedef {{run: import("./types.js").Run, position: number}} Place */

/** @type {Record<string, any>} */
export const PRESET_RULES = JSON.parse(byId("proof-conventions-presets").dataset.rules ?? "{}");

/** @type {ReturnType<typeof answers<Conventions>>} */
const kept = answers(24);
/** @type {ReturnType<typeof answers<Switched>>} */
const tensors = answers(24);

export const conventions = {
  /** What a person chose; until then what the run does not follow. */
  chosen: signal(""),
  /** Of the tensors that change. */
  tensor: signal(""),
  /** The first row and column of what is shown of it. */
  corner: signal(/** @type {Index} */ ([0, 0])),
  cursor: signal(/** @type {Index | null} */ (null)),
  /** The run and position that are looked at; a training's frames rush past. */
  place: signal(/** @type {Place | null} */ (null)),
};

export const ownPreset = computed(() => conventions.place.value && followed(conventions.place.value.run, PRESET_RULES));
export const triedPreset = computed(() => conventions.chosen.value || (ownPreset.value === "document" ? "pytorch" : "document"));

/** The answer to be shown, or what is still to be waited for. */
export const switching = computed(() => {
  const place = conventions.place.value;
  if (!place || !lookingAtConventions()) return null;
  const path = pathOf(place, triedPreset.value);
  return { place, ...kept.of(path, () => getAnswer(path), lookingAtConventions) };
});

/** The tensor that is looked at: the chosen one where it changes, else the first that does. */
export const switchedName = computed(() => {
  const answer = switching.value?.answer;
  const rows = answer ? rowsIn(answer) : [];
  return (rows.find(({ name }) => name === conventions.tensor.value) ?? rows.find(({ changed }) => changed > 0) ?? rows[0])?.name ?? "";
});

/** The window of it, with the way there. */
export const switchedTensor = computed(() => {
  const [now, name, corner] = [switching.value, switchedName.value, conventions.corner.value];
  if (!now?.answer || !name) return null;
  const [rows, columns] = now.answer.tensors[name].shape.map((length, side) =>
    windowsOf(length).find(([first]) => first === corner[side]) ?? windowsOf(length)[0]);
  const path = `${pathOf(now.place, triedPreset.value)}/tensors/${name}?rows=${rows.join(":")}&columns=${columns.join(":")}`;
  return { name, rows, columns, path, ...tensors.of(path, () => getAnswer(path), lookingAtConventions) };
});

export function followConventions() {
  effect(() => {
    const there = onStage.value;
    if (!there || busy.value || proof.tab.value !== "conventions") return;
    const [run, position] = [there.run, there.frame.position];
    const before = conventions.place.peek();
    if (before?.run !== run || before.position !== position) conventions.place.value = { run, position };
  });
}

export function lookingAtConventions() {
  return proof.tab.value === "conventions";
}

/**
 * @param {Place} place
 * @param {string} name
 */
function pathOf({ run, position }, name) {
  return `${framePath(run.id, position)}/conventions/${name}`;
}
