// Firebase's Auth emulator alone, without the suite around it: node firebase_auth.js TOOLS PORT PROJECT
const { join } = require("path");
const [tools, port, projectId] = process.argv.slice(2);

// Every operation that it knows is compiled at the start, which takes longer than all else. Of
// eighty the platform and firebase-admin call a third: no tenants, no configuration.
const used = /^\/(emulator\/|v1\/(accounts|token|recaptchaParams|projects\/{targetProjectId}\/accounts))/;
const { paths } = require(`${tools}/lib/emulator/auth/apiSpec`).default;
for (const path of Object.keys(paths)) {
  if (!used.test(path)) delete paths[path];
}

// What it lacks: a sign-in with Google that a server begins.
require(join(__dirname, "firebase_google.js")).add(tools, Number(port));

const { AuthEmulator } = require(`${tools}/lib/emulator/auth`);
new AuthEmulator({ host: "127.0.0.1", port: Number(port), projectId }).start();
