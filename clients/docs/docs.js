// Swagger UI with what this platform's API needs: PKCE, and no validator on somebody else's server.
const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#document",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
  oauth2RedirectUrl: `${window.location.origin}/docs/oauth2-redirect.html`,
});
ui.initOAuth({ usePkceWithAuthorizationCodeGrant: true });
