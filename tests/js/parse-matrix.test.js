import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST, parseMatrix } from "../../static/js/parse-matrix.js";

const WANTED = [[1, 2.5], [-3, 4e-7]];
const SAME = {
  json: "[[1, 2.5], [-3, 4e-7]]",
  "json over lines": "[\n  [1, 2.5],\n  [-3, 4E-07]\n]\n",
  print: "[[ 1.0e+00  2.5e+00]\n [-3.0e+00  4.0e-07]]",
  "print with bare points": "[[1. 2.5]\n [-3. .0000004]]",
  repr: "array([[ 1.0e+00,  2.5e+00],\n       [-3.0e+00,  4.0e-07]])",
  "repr with its dtype": "array([[1., 2.5],\n       [-3., 4e-7]], dtype=float32)",
  "an assignment": "weight = np.array([[1, 2.5], [-3, 4e-7]], dtype=np.float64)\n",
  tensor: "tensor([[1.0000e+00, 2.5000e+00],\n        [-3.0000e+00, 4.0000e-07]], grad_fn=<AddBackward0>)",
  "a list of scalars": "[[np.int64(1), np.float64(2.5)], [np.float64(-3.0), numpy.float32(4e-07)]]",
  csv: "1,2.5\n-3,4e-7\n",
  "csv with a header": 'a,"sepal length (cm)"\r\n1,2.5\r\n-3,4e-7\r\n',
  tsv: "1\t2.5\n-3\t4e-7",
  "tsv with a header": "first name\tb\n1\t2.5\n-3\t4e-7",
  semicolons: "1; 2.5\n-3; 4e-7",
  spaces: "  1 2.5\n\n  -3   4e-7  ",
  "a true minus": "1 2.5\n−3 4e−7",
  quoted: '"1","2.5"\n"-3","4e-7"',
  "trailing commas": "[[1, 2.5,], [-3, 4e-7,],]",
};

for (const [kind, text] of Object.entries(SAME)) {
  test(`read: ${kind}`, () => assert.deepEqual(parseMatrix(text), { values: WANTED }));
}

test("one row, one column, one number", () => {
  assert.deepEqual(parseMatrix("[1. 2. 3.]"), { values: [[1, 2, 3]] });
  assert.deepEqual(parseMatrix("[[1.]\n [2.]]"), { values: [[1], [2]] });
  assert.deepEqual(parseMatrix("1\n2"), { values: [[1], [2]] });
  assert.deepEqual(parseMatrix("7"), { values: [[7]] });
});

test("a long row of a print-out goes on in the next line", () => {
  assert.deepEqual(parseMatrix("[[1. 2.\n  3. 4.]\n [5. 6.\n  7. 8.]]"), { values: [[1, 2, 3, 4], [5, 6, 7, 8]] });
});

test("negative zero, and what is no number, stay what they are", () => {
  const { values } = parseMatrix("[[-0. nan]\n [-inf Infinity]]");
  assert.ok(Object.is(values[0][0], -0));
  assert.ok(Number.isNaN(values[0][1]));
  assert.deepEqual(values[1], [-Infinity, Infinity]);
  assert.deepEqual(parseMatrix("[[NaN, +1]]").values[0][1], 1);
});

test("every digit counts", () => {
  for (const text of ["0.1", "-0.038221234567890123", "5e-324", "1.7976931348623157e308"]) {
    assert.deepEqual(parseMatrix(`[[${text}]]`), { values: [[Number(text)]] });
  }
});

const WRONG = {
  "": ["parse.empty", {}],
  "  \n ": ["parse.empty", {}],
  "[]": ["parse.empty", {}],
  "[[], []]": ["parse.empty", {}],
  "[[1, 2], [3]]": ["parse.ragged", { row: 1, got: 1, expected: 2 }],
  "1,2\n3,4,5": ["parse.ragged", { row: 1, got: 3, expected: 2 }],
  "1,,2\n3,4,5": ["parse.ragged", { row: 1, got: 3, expected: 2 }],
  "[[1, 2], [3, x4]]": ["parse.unexpected", { line: 1, column: 14, found: "x4" }],
  "[[1., 2.],\n [3., 4.5.6]]": ["parse.unexpected", { line: 2, column: 7, found: "4.5.6" }],
  "1,2\n3,4a": ["parse.unexpected", { line: 2, column: 3, found: "4a" }],
  "1,x\n3,4": ["parse.unexpected", { line: 1, column: 3, found: "x" }],
  "hello": ["parse.unexpected", { line: 1, column: 1, found: "hello" }],
  "[[1, null]]": ["parse.unexpected", { line: 1, column: 6, found: "null" }],
  "[[True]]": ["parse.unexpected", { line: 1, column: 3, found: "True" }],
  "[[1+2j]]": ["parse.unexpected", { line: 1, column: 3, found: "1+2j" }],
  "[[[1, 2]]]": ["parse.unexpected", { line: 1, column: 3, found: "[" }],
  "[1, [2]]": ["parse.unexpected", { line: 1, column: 5, found: "[" }],
  "[[1], 2]": ["parse.unexpected", { line: 1, column: 7, found: "2" }],
  "[1] [2]": ["parse.unexpected", { line: 1, column: 5, found: "[" }],
  "[1] 2 [3]": ["parse.unexpected", { line: 1, column: 5, found: "2" }],
  "[[1, 2]": ["parse.open", {}],
  "[[1, 2": ["parse.open", {}],
  "]1[": ["parse.unexpected", { line: 1, column: 1, found: "]" }],
  "[1]]": ["parse.unexpected", { line: 1, column: 4, found: "]" }],
  "the matrix [1]": ["parse.unexpected", { line: 1, column: 1, found: "the" }],
  "[1] and more": ["parse.unexpected", { line: 1, column: 5, found: "and" }],
  "[[1. 2. ... 8. 9.]]": ["parse.dots", { line: 1, column: 9 }],
  "[[1.]\n …\n [9.]]": ["parse.dots", { line: 2, column: 2 }],
};

for (const [text, [key, params]] of Object.entries(WRONG)) {
  test(`refused: ${JSON.stringify(text)}`, () => assert.deepEqual(parseMatrix(text), { key, params }));
}

test("hostile sizes end at once", () => {
  assert.equal(parseMatrix("1".repeat(LONGEST + 1)).key, "parse.long");
  const started = performance.now();
  for (const text of ["[".repeat(LONGEST), " ".repeat(LONGEST), "1 ".repeat(LONGEST / 2), "a".repeat(LONGEST), '"'.repeat(LONGEST), `${"=".repeat(1e5)}[1]`, `[1]${",a=".repeat(1e5)}`, `[1]${" ".repeat(1e6)}x`, `${" ".repeat(1e6)}x[1]`, `${"a".repeat(1e6)}[1]`, "1\n".repeat(LONGEST / 2)]) {
    parseMatrix(text);
  }
  assert.ok(performance.now() - started < 30_000);
});
