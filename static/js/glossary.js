/** Words of the note, each opening its definition where it stands; their texts come after the first paint. */

import { getCatalogue } from "./api.js";
import { button, byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { stand } from "./place.js";
import { effect, signal, state } from "./state.js";
import { patiently } from "./waiting.js";
import { splitAtTerms, termsOf } from "./words.js";

/** @typedef {import("./words.js").Term} Term */

const glossaries = signal(/** @type {Partial<Record<"en" | "zh", Term[]>>} */ ({}));
const panel = byId("glossary");

/** Fetch the present language's. */
export function mountGlossary() {
  effect(() => {
    const lang = state.lang.value;
    if (glossaries.peek()[lang]) return;
    patiently(() => getCatalogue(`glossary.${lang}`), () => state.lang.peek() === lang).then(
      (catalogue) => (glossaries.value = { ...glossaries.peek(), [lang]: termsOf(catalogue) }),
      // The page reads well without it.
      () => undefined,
    );
  });
}

/** All terms there are, in the present language. Reading it inside an effect follows them. */
export function glossary() {
  return glossaries.value[state.lang.value] ?? [];
}

/**
 * A text whose words open; as text it reads the same.
 * @param {string} text
 * @param {boolean} [stops] Whether each word is a tab stop.
 * @returns {(string | HTMLElement)[]}
 */
export function glossed(text, stops = true) {
  return splitAtTerms(text, glossary()).map(({ text: word, term }) => {
    if (!term) return word;
    const one = button("word", word, () => open(term, one));
    one.ariaHasPopup = "dialog";
    if (!stops) one.tabIndex = -1;
    return one;
  });
}

/** The words of the notes in the stage's columns, which is one tab stop: they are in the list as well. */
export function mountNotes() {
  effect(() => {
    if (!state.run.value || glossary().length === 0) return;
    for (const note of document.querySelectorAll("#columns .note")) note.replaceChildren(...glossed(note.textContent ?? "", false));
  });
}

/**
 * A term's name, its definition, and where the note has it.
 * @param {Term} term
 */
export function definition({ text, chapter }) {
  const source = chapter ? t("glossary.chapter", { chapter }) : t("glossary.beyond");
  return [make("p", "", text), make("p", "source", source)];
}

/**
 * @param {Term} term
 * @param {HTMLElement} word
 */
function open(term, word) {
  // The sentence, and this word with it, would be gone with the next step.
  state.playing.value = false;
  byId("glossary-term").textContent = term.words[0];
  byId("glossary-text").replaceChildren(...definition(term));
  // Beside a modal dialog nothing can be reached.
  (word.closest("dialog") ?? document.body).append(panel);
  panel.showPopover();
  stand(panel, word);
  panel.focus();
}
