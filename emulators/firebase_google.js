// Signing in with Google as Identity Platform's REST interface has it, for Firebase's Auth emulator,
// which only knows the one of its browser library: `createAuthUri` for google.com, a page in place of
// Google's own, and the check that who comes back is who was sent.
const { randomBytes } = require("crypto");

const LIFETIME_MS = 10 * 60 * 1000;
const PATH = "/emulator/google";
const PROVIDER = "google.com";

const escape = (text) =>
  String(text ?? "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const token = () => randomBytes(24).toString("base64url");

exports.add = (tools, port) => {
  const auth = `${tools}/lib/emulator/auth`;
  const { BadRequestError } = require(`${auth}/errors`);
  const handlers = require(`${auth}/handlers`);
  const { accounts } = require(`${auth}/operations`).authOperations.identitytoolkit;
  // By the state that the page gives back: where to, and the session that began it.
  const begun = new Map();

  const { createAuthUri, signInWithIdp } = accounts;

  accounts.createAuthUri = (state, body, ...rest) => {
    if (body.providerId !== PROVIDER) return createAuthUri(state, body, ...rest);
    if (!URL.canParse(body.continueUri ?? "")) throw new BadRequestError("INVALID_CONTINUE_URI");
    const attempt = {
      project: state,
      continueUri: body.continueUri,
      sessionId: body.sessionId || token(),
      until: Date.now() + LIFETIME_MS,
    };
    for (const [key, { until }] of begun) if (until < Date.now()) begun.delete(key);
    const key = token();
    begun.set(key, attempt);
    return {
      kind: "identitytoolkit#CreateAuthUriResponse",
      authUri: `http://127.0.0.1:${port}${PATH}?state=${key}`,
      providerId: PROVIDER,
      sessionId: attempt.sessionId,
    };
  };

  accounts.signInWithIdp = (state, body, ...rest) => {
    if (body.sessionId === undefined) return signInWithIdp(state, body, ...rest);
    const query = new URL(body.requestUri).searchParams;
    const attempt = begun.get(query.get("state"));
    if (!attempt || attempt.until < Date.now() || attempt.sessionId !== body.sessionId) {
      throw new BadRequestError("INVALID_IDP_RESPONSE : The session does not fit the response");
    }
    const claims = attempt.codes?.get(query.get("code"));
    if (!claims) throw new BadRequestError("INVALID_IDP_RESPONSE : The code is not one of Google's");
    begun.delete(query.get("state"));
    const postBody = new URLSearchParams({ providerId: PROVIDER, id_token: JSON.stringify(claims) });
    return signInWithIdp(state, { ...body, postBody: postBody.toString() }, ...rest);
  };

  const { registerHandlers } = handlers;
  handlers.registerHandlers = (app, ...rest) => {
    registerHandlers(app, ...rest);
    app.get(PATH, (req, res) => {
      const attempt = begun.get(req.query.state);
      if (!attempt) return res.status(400).send("This sign-in is over.");
      res.type("html").send(page(req.query.state, known(attempt.project)));
    });
    app.get(`${PATH}/answer`, (req, res) => {
      const attempt = begun.get(req.query.state);
      if (!attempt) return res.status(400).send("This sign-in is over.");
      const back = new URL(attempt.continueUri);
      back.searchParams.set("state", req.query.state);
      if (req.query.answer === "cancel") {
        back.searchParams.set("error", "access_denied");
      } else {
        const email = String(req.query.email ?? "").trim().toLowerCase();
        const code = token();
        attempt.codes = new Map([
          [
            code,
            {
              sub: `google-${Buffer.from(email).toString("hex")}`,
              email,
              email_verified: req.query.unverified !== "yes",
              name: String(req.query.name ?? "").trim() || undefined,
            },
          ],
        ]);
        back.searchParams.set("code", code);
      }
      res.redirect(302, back.toString());
    });
  };
};

function known(project) {
  return project.listProviderInfosByProviderId(PROVIDER).filter(({ email }) => email);
}

function page(state, people) {
  const hidden = `<input type="hidden" name="state" value="${escape(state)}">`;
  const again = people.map(
    ({ email, displayName }) => `<form action="${PATH}/answer">${hidden}
      <input type="hidden" name="email" value="${escape(email)}">
      <input type="hidden" name="name" value="${escape(displayName)}">
      <button>${escape(displayName || email)}<br><small>${escape(email)}</small></button></form>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>In place of Google</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 2rem auto; padding: 0 1rem }
  label, input:not([type=checkbox]), button { display: block; width: 100%; box-sizing: border-box }
  input:not([type=checkbox]), button { font: inherit; padding: .6rem; margin: .25rem 0 .75rem }
  label.choice { display: flex; gap: .5rem; margin-bottom: .75rem }
  button { text-align: left; cursor: pointer }
</style>
<h1>In place of Google</h1>
<p>This is the local cloud: whoever you say you are, you are.</p>
${again.join("\n")}
<form action="${PATH}/answer">
  ${hidden}
  <label for="email">E-mail address</label>
  <input id="email" name="email" type="email" required autocomplete="off">
  <label for="name">Name</label>
  <input id="name" name="name" autocomplete="off">
  <label class="choice"><input type="checkbox" name="unverified" value="yes"> Google has not verified the address</label>
  <button name="answer" value="allow">Go on</button>
</form>
<form action="${PATH}/answer">${hidden}<button name="answer" value="cancel">Cancel</button></form>
</html>`;
}
