/** The page starts here: what came with it is learned, then every part follows the state by itself. */

import { mountAlone } from "./alone-control.js";
import { Problem, askBuild } from "./api.js";
import { mountChangeLine } from "./change-line.js";
import { mountControls } from "./controls.js";
import { mountDifference } from "./difference.js";
import { byId } from "./dom.js";
import { mountEditPart } from "./edit-part.js";
import { mountEditor } from "./editor.js";
import { mountUndo } from "./edits.js";
import { mountEquation } from "./equation.js";
import { mountGlossary, mountNotes } from "./glossary.js";
import { learn, translate } from "./i18n.js";
import { mountInspector } from "./inspector.js";
import { mountLegend } from "./legend.js";
import { mountLoader, report } from "./loader.js";
import { mountNarration } from "./narrate-view.js";
import { mountNavigation } from "./navigation.js";
import { mountNotice } from "./notice.js";
import { mountRuns } from "./runs-known.js";
import { mountSheet } from "./sheet.js";
import { mountSharing } from "./sharing.js";
import { mountStage } from "./stage.js";
import { effect, state } from "./state.js";
import { mountStrip } from "./strip.js";
import { followTheme, learnScales } from "./theme.js";
import { mountTransport } from "./transport.js";

/** @type {import("./types.js").Boot} */
const boot = JSON.parse(byId("boot").textContent ?? "");

/** Whether a link led here, before the page writes its own. */
const linked = location.hash.length > 1 || location.search.length > 1;

askBuild(boot.build, boot.run);
learn(boot.lang, boot.catalogue);
learnScales(boot.scales);
state.lang.value = boot.lang;
followTheme();

effect(() => {
  document.documentElement.dataset.theme = state.theme.value;
});
effect(() => translate(document));
mountNotice();
mountGlossary();

mountLoader();
mountDifference();
mountNavigation(boot);
mountStage();
mountLegend();
mountAlone();
mountNotes();
mountNarration();
mountTransport();
mountInspector();
mountSheet();
mountEquation();
mountEditor();
mountEditPart();
mountChangeLine();
mountUndo();
mountStrip();
mountControls(boot);
mountRuns(boot);
void import("./tour.js").then(({ mountGuide }) => mountGuide(linked)).catch(report);
void import("./goto.js").catch(report);
void import("./signs-view.js").catch(report);
if (state.hunt.peek()) void import("./hunt-again.js").then(({ resumeHunt }) => resumeHunt(), report);
byId("build").addEventListener("click", () => {
  const failed = () => report(new Problem("offline"));
  void import("./builder.js").then(({ openBuilder }) => openBuilder(boot.presets), failed);
});
mountSharing(boot);
// Nothing that is painted first waits for it; Plotly itself is fetched when the first figure is opened.
void import("./figure-view.js");
