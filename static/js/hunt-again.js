/** A search for a fault that was on when the page was reloaded: its words are fetched, and it goes on. */

import { prepareProof } from "./proof.js";
import { inInspector } from "./proof-hunt-box.js";

export async function resumeHunt() {
  if (await prepareProof()) inInspector();
}
