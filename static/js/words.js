/** A text, split where a word of the glossary stands in it. */

/** @typedef {{id: string, words: string[], text: string, chapter: string}} Term */
/** @typedef {{text: string, term: Term | null}} Part */

/**
 * The terms of a glossary's catalogue: `ID.words` (the first is its name), `ID.text`, `ID.chapter`.
 * @param {Record<string, string>} catalogue
 * @returns {Term[]}
 */
export function termsOf(catalogue) {
  const ids = Object.keys(catalogue).filter((key) => key.endsWith(".words")).map((key) => key.slice(0, -6));
  return ids.map((id) => {
    const [words, text, chapter] = ["words", "text", "chapter"].map((name) => catalogue[`${id}.${name}`]);
    return { id, words: words.split("|"), text, chapter };
  });
}

/**
 * The longest word wins, and each term is found once; a Latin word stands alone, and not in a cell's name.
 * @param {string} text
 * @param {Term[]} terms
 * @returns {Part[]}
 */
export function splitAtTerms(text, terms) {
  const known = new Map(terms.flatMap((term) => term.words.map((word) => [word.toLowerCase(), term])));
  const words = [...known.keys()].sort((a, b) => b.length - a.length);
  if (words.length === 0) return [{ text, term: null }];
  const bounded = words.map((word) => (/^\w/.test(word) ? `(?<![\\w.∂])${word}(?!\\w|[.[]\\w)` : word));
  /** @type {Part[]} */
  const parts = [];
  const seen = new Set();
  let from = 0;
  for (const { 0: word, index } of text.matchAll(new RegExp(bounded.join("|"), "gi"))) {
    const term = known.get(word.toLowerCase()) ?? null;
    if (seen.has(term)) continue;
    seen.add(term);
    parts.push({ text: text.slice(from, index), term: null }, { text: word, term });
    from = index + word.length;
  }
  return [...parts, { text: text.slice(from), term: null }].filter((part) => part.text);
}
