// @ts-check
// Starts the interactive description of the API, on the page that app/docs.py serves.

const { SwaggerUIBundle } = /** @type {any} */ (window);
const { openapi } = /** @type {HTMLElement} */ (document.getElementById("docs")).dataset;

SwaggerUIBundle({
  dom_id: "#docs",
  url: openapi,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // The validator of other people's servers is asked for nothing.
  validatorUrl: null,
});
