import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { placeBeside } from "../../static/js/place.js";
import { splitAtTerms, termsOf } from "../../static/js/words.js";

const catalogue = (lang) =>
  JSON.parse(readFileSync(new URL(`../../static/locales/glossary.${lang}.json`, import.meta.url), "utf8"));
const [en, zh] = ["en", "zh"].map(catalogue);
const found = (text, terms) => splitAtTerms(text, terms).filter(({ term }) => term).map((part) => `${part.text}=${part.term.id}`);

test("a sentence is split at its words, and reads as before", () => {
  const text = "Backward through dense_2: its weight gradient is input-transposed times dvalue, (5, 8)·(8, 3) → (5, 3).";
  const parts = splitAtTerms(text, termsOf(en));
  assert.equal(parts.map((part) => part.text).join(""), text);
  assert.deepEqual(found(text, termsOf(en)), ["Backward=backward", "weight gradient=dweight", "input-transposed=transposed", "dvalue=dvalue"]);
});

test("in Chinese, where no spaces part the words, the longest wins", () => {
  const text = "反向经过 softmax_1：每个样本的 dvalue 行向量乘以它自己的 3×3 雅可比矩阵。";
  assert.deepEqual(found(text, termsOf(zh)), ["反向=backward", "dvalue=dvalue", "雅可比矩阵=jacobian"]);
  assert.deepEqual(found("反向传播与梯度", termsOf(zh)), ["反向传播=backward", "梯度=gradient"]);
});

test("each term once, whole words alone, and never within a cell's name", () => {
  const terms = termsOf(en);
  assert.deepEqual(found("a weight, weights, Weight", terms), ["weight=weight"]);
  assert.deepEqual(found("dense_2.weight[2, 1], relu_1, weighty, batch.input, ∂loss", terms), []);
  assert.deepEqual(found("dvalue.", terms), ["dvalue=dvalue"]);
  assert.deepEqual(splitAtTerms("nothing", []), [{ text: "nothing", term: null }]);
  assert.deepEqual(splitAtTerms("", terms), []);
});

test("every term has its words, text and chapter in both languages, and the note's chapters are its own", () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  assert.deepEqual(Object.keys(en), [...Object.keys(en)].sort());
  const chapters = ["", "Dense Layer", "ReLu", "Categorical Cross-Entropy loss", "Softmax", "Sigmoid", "Binary Cross-Entropy loss"];
  for (const [one, other] of termsOf(en).map((term, at) => [term, termsOf(zh)[at]])) {
    assert.ok(one.text.trim() && other.text.trim() && one.text !== other.text, one.id);
    assert.match(other.text, /[一-鿿]/, one.id);
    assert.ok(chapters.includes(one.chapter), one.id);
    assert.equal(one.chapter, other.chapter, one.id);
  }
});

test("no word belongs to two terms", () => {
  for (const lang of [en, zh]) {
    const words = termsOf(lang).flatMap((term) => term.words.map((word) => word.toLowerCase()));
    assert.deepEqual(words.filter((word, at) => words.indexOf(word) !== at), []);
  }
});

test("a panel stands below, else above, else beside, and always within the window", () => {
  const [panel, room] = [{ width: 300, height: 100 }, { width: 800, height: 600 }];
  const at = (left, top, width, height) => ({ left, top, right: left + width, bottom: top + height });
  assert.deepEqual(placeBeside(at(50, 50, 40, 20), panel, room), { left: 50, top: 80 });
  assert.deepEqual(placeBeside(at(780, 50, 40, 20), panel, room), { left: 492, top: 80 });
  assert.deepEqual(placeBeside(at(50, 560, 40, 20), panel, room), { left: 50, top: 450 });
  assert.deepEqual(placeBeside(at(440, 0, 360, 600), panel, room), { left: 130, top: 8 });
  assert.deepEqual(placeBeside(at(0, 0, 800, 600), panel, room), { left: 492, top: 8 });
});
