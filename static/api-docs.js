// Swagger UI on the page about the API. Whoever is signed in tries requests as herself: they carry
// the page's own token against forged forms, unless a key was pasted.
(() => {
  const place = document.getElementById("swagger");
  const token = place.querySelector("[name=csrfmiddlewaretoken]").value;
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const dress = () => {
    const theme = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.classList.toggle("dark-mode", theme === "dark");
  };
  dress();
  dark.addEventListener("change", dress);

  SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    tagsSorter: undefined,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    // A page that shows keys does not keep them.
    persistAuthorization: false,
    requestInterceptor: (request) => {
      if (!request.headers.Authorization) request.headers["X-CSRFToken"] = token;
      return request;
    },
  });
})();
