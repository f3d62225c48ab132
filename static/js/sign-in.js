// @ts-check
// Takes what stands behind the # (a whole run) along through signing in.

const { hash } = location;
const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
form.action += hash;
for (const link of document.querySelectorAll("a")) link.href += hash;

// Who followed a link from elsewhere is in perhaps: its browser sends the cookie only to a page that led there.
void fetch("/sign-in", { redirect: "manual" }).then(({ type }) => {
  if (type === "opaqueredirect") location.replace(form.action);
});
