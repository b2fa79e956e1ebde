// Makes tokens.json: tokens by other people's libraries (jsonwebtoken, jose) and the openssl command, with what the verifier must say.
//   NODE_PATH=build/npm/node_modules node spec/luaclib/core/token/vectors/make.js > spec/luaclib/core/token/vectors/tokens.json
// The keys are new with each run; the private ones are not kept. The clock of all tokens stands at NOW.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { execFileSync } = require("child_process");
const jsonwebtoken = require("jsonwebtoken");
const jose = require("jose");

const NOW = 1795511229;
const SECRET = "a-secret-for-the-vectors-of-48-characters-length";
const OLD_SECRET = "the-secret-before-that-one-which-still-counts-00";
const WRONG_SECRET = "a-secret-that-this-server-has-never-heard-of-000";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "vectors-"));
process.on("exit", () => fs.rmSync(directory, { recursive: true, force: true }));
const openssl = (args, input) => execFileSync("openssl", args, { input, stdio: ["pipe", "pipe", "ignore"] });

// Key pairs by the openssl command: name -> { private, public } in PEM.
const keys = {};
function makeKey(name, args) {
  const file = path.join(directory, name);
  openssl(["genpkey", ...args, "-out", file]);
  keys[name] = { file, private: fs.readFileSync(file, "utf8"), public: openssl(["pkey", "-in", file, "-pubout"]).toString() };
}
makeKey("rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
makeKey("rsa2", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
makeKey("rsa1024", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]);
makeKey("rsapss", ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]);
for (const [name, curve] of [["p256", "P-256"], ["p256b", "P-256"], ["p384", "P-384"], ["p521", "P-521"], ["k256", "secp256k1"]]) {
  makeKey(name, ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve]);
}
makeKey("ed25519", ["-algorithm", "ED25519"]);

const plain = { iss: "skotos", aud: "jitsi", sub: "meet.test", room: "tavern", iat: NOW - 5, nbf: NOW - 5, exp: NOW + 600 };
const claims = (o) => {
  const all = { ...plain, ...o };
  for (const k of Object.keys(all)) if (all[k] === undefined) delete all[k];
  return all;
};
const HEADER = '{"alg":"HS256","typ":"JWT"}';
const b64 = (x) => Buffer.from(x).toString("base64url");

// Any header and payload, as text, signed by the openssl command.
function byHand(header, payload, secret = SECRET, digest = "sha256") {
  const input = b64(header) + "." + b64(payload);
  const mac = openssl(["dgst", "-" + digest, "-mac", "HMAC", "-macopt", "hexkey:" + Buffer.from(secret).toString("hex"), "-binary"], input);
  return input + "." + b64(mac);
}
function byKey(header, payload, key, digest = "sha256") {
  const input = b64(header) + "." + b64(payload);
  return input + "." + b64(openssl(["dgst", "-" + digest, "-sign", keys[key].file, "-binary"], input));
}
const jwt = (o, options = {}, secret = SECRET) => jsonwebtoken.sign(claims(o), secret, { algorithm: "HS256", ...options });
const byJose = (o, header = { alg: "HS256", typ: "JWT" }, secret = SECRET) =>
  new jose.SignJWT(claims(o)).setProtectedHeader(header).sign(typeof secret === "string" ? Buffer.from(secret) : secret);
const privateKey = (name) => crypto.createPrivateKey(keys[name].private);
const text = (o) => JSON.stringify(claims(o));
const withText = (more) => text().slice(0, -1) + "," + more + "}";
const parts = (t) => t.split(".");
const other = (c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".indexOf(c) ^ 1];

const cases = [];
const add = (name, maker, token, verdict, options) => cases.push({ name, maker, token, verdict, options: options || {} });
const rs = (alg, key = "rsa") => ({ algorithm: alg, key });

async function good() {
  for (const alg of ["HS256", "HS384", "HS512"]) {
    add(alg, "jsonwebtoken", jwt({}, { algorithm: alg }), "ok", { algorithm: alg });
    add(alg, "jose", await byJose({}, { alg, typ: "JWT" }), "ok", { algorithm: alg });
    add(alg, "openssl", byHand(`{"typ":"JWT","alg":"${alg}"}`, text(), SECRET, alg.replace("HS", "sha")), "ok", { algorithm: alg });
  }
  for (const [alg, key] of [["RS256", "rsa"], ["RS384", "rsa"], ["RS512", "rsa"], ["ES256", "p256"], ["ES384", "p384"], ["ES512", "p521"]]) {
    add(alg, "jose", await byJose({}, { alg, typ: "JWT" }, privateKey(key)), "ok", rs(alg, key));
    add(alg, "jsonwebtoken", jwt({}, { algorithm: alg }, keys[key].private), "ok", rs(alg, key));
  }
  add("RS256", "openssl", byKey('{"alg":"RS256","typ":"JWT"}', text(), "rsa"), "ok", rs("RS256"));
  add("the secret before the last rotation", "jsonwebtoken", jwt({}, {}, OLD_SECRET), "ok");
  add("a key id", "jsonwebtoken", jwt({}, { keyid: "2026" }), "ok");
  add("an audience in a list", "jose", await byJose({ aud: ["other", "jitsi"] }), "ok");
  add("another audience where any counts", "jsonwebtoken", jwt({ aud: "whoever" }), "ok", { audiences: ["*"] });
  add("another issuer that is accepted", "jsonwebtoken", jwt({ iss: "partner" }), "ok", { issuers: ["skotos", "partner"] });
  add("any issuer", "jose", await byJose({ iss: "whoever" }), "ok", { issuers: ["*"] });
  add("no room where none is wanted", "jsonwebtoken", jwt({ room: undefined }), "ok", { require_room: false });
  add("no iat and no nbf", "openssl", byHand(HEADER, text({ iat: undefined, nbf: undefined })), "ok");
  add("expired within the leeway", "jsonwebtoken", jwt({ exp: NOW - 9 }), "ok");
  add("expired, pardoned", "jsonwebtoken", jwt({ exp: NOW - 5000 }), "ok", { ignore_exp: true });
  add("begins within the leeway", "jose", await byJose({ nbf: NOW + 10 }), "ok");
  add("escapes, white space and UTF-8", "openssl", byHand('{ "alg" : "HS256" , "typ" : "JWT" }', ` { "iss" : "sk\\u006ftos" , ${text({ iss: undefined, context: { user: { name: "Ünï 😀" } } }).slice(1)}\n`), "ok");
  add("the domain in another case", "jsonwebtoken", jwt({ sub: "Meet.Test" }), "ok", { domain: "meet.test" });
  add("any domain", "jsonwebtoken", jwt({ sub: "*" }), "ok", { domain: "meet.test" });
  add("a tenant under domain verification", "jose", await byJose({ sub: "guild" }), "ok", { domain: "meet.test", tenants: true });
}

async function envelope() {
  const t = jwt({}), [h, p, s] = parts(t);
  for (const [name, token] of [
    ["nothing", ""], ["one segment", h], ["two segments", h + "." + p], ["three empty segments", ".."], ["a fourth segment", t + ".e30"], ["a trailing dot", t + "."],
    ["a leading dot", "." + t], ["no signature", h + "." + p + "."], ["no payload", h + ".." + s], ["no header", "." + p + "." + s],
    ["padding behind the signature", t + "="], ["padding behind the payload", h + "." + p + "=." + s], ["white space in front", " " + t], ["a newline behind", t + "\n"],
    ["white space in the payload", h + "." + p.slice(0, 8) + " " + p.slice(8) + "." + s], ["a NUL behind", t + "\u0000"], ["a signature's second spelling", t.slice(0, -1) + other(t.slice(-1))],
    ["base64 of the other alphabet", h + "." + p.slice(0, -1) + "+." + s], ["a token of 17,000 bytes", jwt({ fill: "x".repeat(12700) })],
    ["a header of 600 bytes", jwt({}, { header: { x: "x".repeat(600) } })],
  ]) add(name, "jsonwebtoken", token, "malformed");
  add("a JWE", "jose", await new jose.EncryptJWT(claims()).setProtectedHeader({ alg: "dir", enc: "A256GCM", typ: "JWT" }).encrypt(Buffer.alloc(32, 7)), "malformed");
  for (const [name, header] of [["an array for a header", "[]"], ["a string for a header", '"HS256"'], ["alg twice", '{"alg":"HS256","alg":"none","typ":"JWT"}'], ["alg twice, once escaped", '{"alg":"HS256","\\u0061lg":"none","typ":"JWT"}'],
    ["a header that ends early", '{"alg":"HS256","typ":"JWT"'], ["a header with a depth bomb", '{"alg":"HS256","typ":"JWT","x":' + "[".repeat(90) + "]".repeat(90) + "}"]]) add(name, "openssl", byHand(header, text()), "malformed");
  for (const [name, payload] of [["an array for a payload", "[]"], ["null for a payload", "null"], ["text for a payload", "hello"], ["an empty payload of two spaces", "  "], ["two payloads", text() + text()],
    ["a claim twice", withText('"room":"other"')], ["a claim twice, once escaped", withText('"r\\u006fom":"other"')], ["a nested member twice", withText('"context":{"user":1,"user":2}')],
    ["a NUL in a claim", withText('"x":"a\\u0000b"')], ["a NUL in a name", withText('"x\\u0000":1')], ["a lone surrogate", withText('"x":"\\ud800"')], ["a depth bomb", withText('"x":' + "[".repeat(4000) + "]".repeat(4000))],
    ["a depth bomb left open", '{"a":'.repeat(1500)], ["2000 values", withText('"x":[' + "0,".repeat(2000) + "0]")], ["a comment", text() + "//"], ["a trailing comma", text().slice(0, -1) + ",}"],
    ["exp beyond 64 bits", text({ exp: undefined }).slice(0, -1) + ',"exp":99999999999999999999}'], ["NaN", withText('"x":NaN')]]) add(name, "openssl", byHand(HEADER, payload), "malformed");
  add("bytes that are no UTF-8", "openssl", byHand(HEADER, Buffer.concat([Buffer.from(text().slice(0, -1) + ',"x":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])), "malformed");
}

async function algorithms() {
  add("alg none, unsigned", "jsonwebtoken", jwt({}, { algorithm: "none" }, ""), "malformed");
  add("alg none, with a signature", "jsonwebtoken", jwt({}, { algorithm: "none" }, "") + "AA", "algorithm");
  add("alg none under a public key", "jsonwebtoken", jwt({}, { algorithm: "none" }, "") + "AA", "algorithm", rs("RS256"));
  add("an unsecured JWT", "jose", new jose.UnsecuredJWT(claims()).encode() + b64("x"), "algorithm");
  for (const alg of ["None", "NONE", "hs256", "HS256 ", "HS1", "", "HS2567"]) add(`alg "${alg}"`, "openssl", byHand(`{"alg":"${alg}","typ":"JWT"}`, text()), "algorithm");
  for (const alg of ["256", "null", '["HS256"]', "true"]) add(`alg ${alg}`, "openssl", byHand(`{"alg":${alg},"typ":"JWT"}`, text()), "algorithm");
  add("no alg", "openssl", byHand('{"typ":"JWT"}', text()), "algorithm");
  add("HS512 where HS256 is wanted", "jose", await byJose({}, { alg: "HS512", typ: "JWT" }), "algorithm");
  add("HS256 where HS512 is wanted", "jsonwebtoken", jwt({}), "algorithm", { algorithm: "HS512" });
  add("the public key as HMAC's secret", "openssl", byHand(HEADER, text(), keys.rsa.public), "algorithm", rs("RS256"));
  add("the public key as HMAC's secret, called RS256", "openssl", byHand('{"alg":"RS256","typ":"JWT"}', text(), keys.rsa.public), "signature", rs("RS256"));
  add("RS256 where HS256 is wanted", "jose", await byJose({}, { alg: "RS256", typ: "JWT" }, privateKey("rsa")), "algorithm");
  add("PS256 where RS256 is wanted", "jose", await byJose({}, { alg: "PS256", typ: "JWT" }, privateKey("rsa")), "algorithm", rs("RS256"));
  add("RS512 where RS256 is wanted", "jsonwebtoken", jwt({}, { algorithm: "RS512" }, keys.rsa.private), "algorithm", rs("RS256"));
  add("ES256 where RS256 is wanted", "jsonwebtoken", jwt({}, { algorithm: "ES256" }, keys.p256.private), "algorithm", rs("RS256"));
  add("EdDSA where ES256 is wanted", "jose", await byJose({}, { alg: "EdDSA", typ: "JWT" }, privateKey("ed25519")), "algorithm", rs("ES256", "p256"));
  for (const [name, header] of [["no typ", { alg: "HS256" }], ["typ at+jwt", { alg: "HS256", typ: "at+jwt" }], ["typ in lower case", { alg: "HS256", typ: "jwt" }], ["a nested token", { alg: "HS256", typ: "JWT", cty: "JWT" }]])
    add(name, "jose", await byJose({}, header), "header");
  for (const member of ['"crit":["exp"]', '"crit":[]', '"b64":false', '"b64":true', '"zip":"DEF"', '"enc":"A256GCM"', '"cty":"jwt"', '"crit":null']) add("a header with " + member, "openssl", byHand(HEADER.slice(0, -1) + "," + member + "}", text()), "header");
}

async function signatures() {
  const t = jwt({}), [h, p, s] = parts(t), bytes = Buffer.from(s, "base64url");
  add("another secret", "jsonwebtoken", jwt({}, {}, WRONG_SECRET), "signature");
  add("another secret", "jose", await byJose({}, undefined, WRONG_SECRET), "signature");
  add("another payload", "jsonwebtoken", h + "." + b64(text({ moderator: true })) + "." + s, "signature");
  add("another header", "jsonwebtoken", b64('{"typ":"JWT","alg":"HS256"}') + "." + p + "." + s, "signature");
  add("one bit changed", "jsonwebtoken", h + "." + p + "." + b64(Buffer.concat([bytes.subarray(0, 31), Buffer.from([bytes[31] ^ 1])])), "signature");
  add("one byte short", "jsonwebtoken", h + "." + p + "." + b64(bytes.subarray(0, 31)), "signature");
  add("one byte long", "jsonwebtoken", h + "." + p + "." + b64(Buffer.concat([bytes, Buffer.from([0])])), "signature");
  add("one byte only", "jsonwebtoken", h + "." + p + "." + b64(bytes.subarray(0, 1)), "signature");
  add("a SHA-512 MAC called HS256", "openssl", byHand(HEADER, text(), SECRET, "sha512"), "signature");
  add("a plain hash", "openssl", h + "." + p + "." + b64(openssl(["dgst", "-sha256", "-binary"], h + "." + p)), "signature");
  add("another RSA key", "jose", await byJose({}, { alg: "RS256", typ: "JWT" }, privateKey("rsa2")), "signature", rs("RS256"));
  add("SHA-512 called RS256", "openssl", byKey('{"alg":"RS256","typ":"JWT"}', text(), "rsa", "sha512"), "signature", rs("RS256"));
  add("an RSA signature of zeros", "openssl", b64('{"alg":"RS256","typ":"JWT"}') + "." + p + "." + b64(Buffer.alloc(256)), "signature", rs("RS256"));
  add("another EC key", "jose", await byJose({}, { alg: "ES256", typ: "JWT" }, privateKey("p256b")), "signature", rs("ES256", "p256"));
  add("an EC signature in DER", "openssl", byKey('{"alg":"ES256","typ":"JWT"}', text(), "p256"), "signature", rs("ES256", "p256"));
  add("an EC signature of zeros", "openssl", b64('{"alg":"ES256","typ":"JWT"}') + "." + p + "." + b64(Buffer.alloc(64)), "signature", rs("ES256", "p256"));
  const es = parts(await byJose({}, { alg: "ES256", typ: "JWT" }, privateKey("p256")));
  add("another payload under ES256", "jose", es[0] + "." + b64(text({ moderator: true })) + "." + es[2], "signature", rs("ES256", "p256"));
}

async function claimsCases() {
  for (const [name, o, verdict, options] of [
    ["no issuer", { iss: undefined }, "issuer"], ["another issuer", { iss: "evil" }, "issuer"], ["an issuer in another case", { iss: "Skotos" }, "issuer"], ["an empty issuer", { iss: "" }, "issuer"],
    ['the issuer "*"', { iss: "*" }, "issuer"], ["no audience", { aud: undefined }, "audience"], ["no audience where any counts", { aud: undefined }, "audience", { audiences: ["*"] }], ["another audience", { aud: "other" }, "audience"],
    ["a list of other audiences", { aud: ["a", "b"] }, "audience"], ["an empty list of audiences", { aud: [] }, "audience"], ["no room", { room: undefined }, "room"], ["an empty room", { room: "" }, "room"],
    ["another domain", { sub: "evil.test" }, "subject", { domain: "meet.test" }], ["no domain", { sub: undefined }, "subject", { domain: "meet.test" }], ["no tenant", { sub: "" }, "subject", { domain: "meet.test", tenants: true }],
    ["expired", { exp: NOW - 10 }, "expired"], ["expired long ago", { exp: NOW - 864000 }, "expired"], ["exp far ahead", { exp: NOW + 315360001 }, "claim"], ["exp in milliseconds", { exp: NOW * 1000 }, "claim"], ["exp zero", { exp: 0 }, "expired"],
    ["no exp", { exp: undefined }, "claim"], ["no exp, and expiry pardoned", { exp: undefined }, "ok", { ignore_exp: true }], ["not valid yet", { nbf: NOW + 11 }, "not-yet-valid"], ["not valid yet, and expiry pardoned", { nbf: NOW + 11 }, "not-yet-valid", { ignore_exp: true }],
    ["issued in the future", { iat: NOW + 3600 }, "ok"], ["expired without leeway", { exp: NOW }, "expired", { leeway: 0 }], ["iat of the moon landing", { iat: 14182940 }, "ok"],
    ["expired, and another issuer", { exp: NOW - 5000, iss: "evil" }, "issuer", { ignore_exp: true }],
  ]) add(name, "jose", await byJose(o), verdict, options);
  for (const [name, o, verdict] of [["an issuer in a list", { iss: ["skotos"] }, "issuer"], ["a number for an audience", { aud: 1 }, "audience"], ["an audience deep in a list", { aud: [["jitsi"]] }, "audience"], ["a number for a room", { room: 7 }, "room"],
    ["null for a room", { room: null }, "room"], ["exp as text", { exp: String(NOW + 60) }, "claim"], ["exp with a fraction", { exp: NOW + 60.5 }, "ok"], ["exp negative", { exp: -1 }, "expired"], ["exp true", { exp: true }, "claim"], ["exp null", { exp: null }, "claim"],
    ["nbf as text", { nbf: "0" }, "claim"], ["nbf with a fraction", { nbf: NOW - 0.5 }, "ok"], ["iat null", { iat: null }, "ok"], ["iat as a list", { iat: [NOW] }, "ok"], ["nbf negative", { nbf: -5 }, "ok"]]) add(name, "openssl", byHand(HEADER, text(o)), verdict);
  add("exp with an exponent", "openssl", byHand(HEADER, text({ exp: undefined }).slice(0, -1) + ',"exp":1.7955e9}'), "expired");
}

(async () => {
  await good();
  await envelope();
  await algorithms();
  await signatures();
  await claimsCases();
  const lines = cases.map((c) => "  " + JSON.stringify(c)).join(",\n");
  const publicKeys = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key.public]));
  const head = JSON.stringify({ now: NOW, secrets: [SECRET, OLD_SECRET], keys: publicKeys }, null, 1).slice(0, -2);
  process.stdout.write(`${head},\n "cases": [\n${lines}\n]}\n`);
})();
