/** A search for a fault that was on when the page was reloaded: its words are fetched, and it goes on. */

import { prepareProof } from "./proof.js";
import { inInspector } from "./proof-hunt-box.js";
import { state } from "./state.js";

export async function resumeHunt() {
  if (!(await prepareProof())) return;
  // In a drawer that is folded nobody would know of it.
  state.unfolded.value = true;
  inInspector();
}
