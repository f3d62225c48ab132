/** The dialog under `?`: all keys as they are declared, grouped by where they work. */

import { byId, make } from "./dom.js";
import { definition, glossary } from "./glossary.js";
import { t } from "./i18n.js";
import { KEYS } from "./keys.js";
import { effect } from "./state.js";

/** @typedef {import("./keys.js").Key} Key */

/** @type {Record<string, string>} */
const CAPS = { ArrowLeft: "←", ArrowUp: "↑", ArrowRight: "→", ArrowDown: "↓", Escape: "Esc" };

effect(() => {
  byId("help-glossary").replaceChildren(
    ...glossary().map((term) => make("div", "", make("dt", "", term.words[0]), make("dd", "", ...definition(term)))),
  );
});
effect(() => {
  const scopes = [...new Set(KEYS.map(({ scope }) => scope))];
  byId("help-keys").replaceChildren(...scopes.flatMap(groupOf));
});

/** Show it. */
export function openHelp() {
  /** @type {HTMLDialogElement} */ (byId("help-dialog")).showModal();
}

/** @param {Key["scope"]} scope */
function groupOf(scope) {
  const rows = KEYS.filter((key) => key.scope === scope).map(({ action, keys }) =>
    make("div", "", make("dt", "", ...keys.split(" ").map(capsOf)), make("dd", "", t(`help.${action}`))),
  );
  return [make("h3", "", t(`help.in.${scope}`)), make("dl", "keys", ...rows)];
}

/** @param {string} keys Those pressed together. */
function capsOf(keys) {
  // A plus is a key as well as what joins two.
  const caps = keys.split(/(?<=.)\+/).map((key) => make("kbd", "", CAPS[key] ?? (key.length === 1 ? key.toUpperCase() : key)));
  return make("span", "", ...caps);
}
