/** Standard input: {run, cells: [{tensor, index, position}]}. Standard output: what the page outlines for each. */

import { readFileSync } from "node:fs";
import { readsOf } from "../../static/js/linkage.js";

const { run, cells } = JSON.parse(readFileSync(0, "utf8"));
const outlined = cells.map(({ tensor, index, position }) => readsOf(run, tensor, index, position));
process.stdout.write(JSON.stringify(outlined));
