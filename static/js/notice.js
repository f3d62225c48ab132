/** What the page has to say beside the step: that it waits, or what went wrong. Its seconds count in silence. */

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { say } from "./live.js";
import { effect, state } from "./state.js";

export function mountNotice() {
  const element = byId("notice");
  let said = "";
  effect(() => {
    const notice = state.waiting.value ?? state.notice.value;
    const text = notice ? t(notice.key, notice.params) : "";
    element.hidden = !notice;
    element.textContent = text;
    const silent = notice !== null && notice === state.waiting.value && said === notice.key;
    said = notice?.key ?? "";
    if (notice && !silent) say(text);
  });
}
