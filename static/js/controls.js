/** The header's controls and the dialog of keys. */

import { byId } from "./dom.js";
import { speak } from "./i18n.js";
import { listenAtTransport } from "./keys.js";
import { report } from "./loader.js";
import { openPreset } from "./navigation.js";
import { effect, goTo, state } from "./state.js";
import { recall, remember } from "./storage.js";
import { toggleTheme } from "./theme.js";

/** @param {import("./types.js").Boot} boot */
export function mountControls(boot) {
  presetMenu(boot);
  byId("walk").addEventListener("click", () => goTo(0));
  byId("proof-open").addEventListener("click", () => void import("./proof.js").then(({ openProof }) => openProof(), report));
  byId("theme").addEventListener("click", toggleTheme);
  languageSwitch();
  help();
}

/** @param {import("./types.js").Boot} boot */
function presetMenu(boot) {
  const menu = /** @type {HTMLSelectElement} */ (byId("preset"));
  menu.addEventListener("change", () => openPreset(boot, menu.value));
  effect(() => {
    const source = state.source.value;
    menu.value = "preset" in source && source.preset in boot.presets ? source.preset : "";
  });
}

function languageSwitch() {
  const control = byId("language");
  control.addEventListener("click", () => void speak(state.lang.value === "en" ? "zh" : "en").catch(report));
  effect(() => {
    const other = state.lang.value === "en" ? "zh" : "en";
    control.textContent = other === "zh" ? "中文" : "English";
    control.lang = other === "zh" ? "zh-CN" : "en";
  });
}

function help() {
  const open = () => void import("./help.js").then(({ openHelp }) => openHelp(), report);
  byId("help").addEventListener("click", open);
  listenAtTransport({ help: open });
  remembered("shortcuts", state.shortcuts);
}

/**
 * A checkbox that is a piece of the state, kept for the next visit.
 * @param {string} id
 * @param {{value: boolean}} held
 */
function remembered(id, held) {
  const box = /** @type {HTMLInputElement} */ (byId(id));
  const before = recall(id);
  if (before !== null) held.value = before === "true";
  box.checked = held.value;
  box.addEventListener("change", () => {
    held.value = box.checked;
    remember(id, String(box.checked));
  });
}
