/** Standard input: cases of {z, y, n, head}. Standard output: what the page makes of each while its scores are dragged. */

import { readFileSync } from "node:fs";
import { crossEntropy, gradient, jacobian, softmax, vectorJacobianProduct } from "../../static/js/softmax.js";

const found = JSON.parse(readFileSync(0, "utf8")).map(({ z, y, n, head }) => {
  const s = softmax(z);
  const slope = gradient(s, y, n, head);
  const dinput = head.fused ? slope : vectorJacobianProduct(slope, jacobian(s));
  return { output: s, jacobian: jacobian(s), loss: crossEntropy(z, s, y, head), slope, dinput };
});
process.stdout.write(JSON.stringify(found));
