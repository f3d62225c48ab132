/** Standard input: cases of {z, y, n, head}. Standard output: what the page makes of each while its scores are dragged. */

import { readFileSync } from "node:fs";
import { crossEntropy, gradient, jacobian, softmax, vectorJacobianProduct } from "../../static/js/softmax.js";

const found = JSON.parse(readFileSync(0, "utf8")).map(({ z, y, n, head }) => {
  const s = softmax(z);
  const slope = gradient(s, y, n, head);
  const j = jacobian(s, head.scalar);
  const dinput = head.fused ? slope : vectorJacobianProduct(slope, j);
  return { output: s, jacobian: j, loss: crossEntropy(z, s, y, head), slope, dinput };
});
process.stdout.write(JSON.stringify(found));
