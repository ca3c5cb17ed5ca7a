// Swagger UI on the description of this API; a file of its own, since no inline script may run.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,  // by default the description is sent to another host
  requestInterceptor: (request) => {
    request.headers["X-Samespace-Page"] = "1";  // as every page of this origin says that somebody pressed a button
    return request;
  },
});
