// Runs one Node library, given as argument, as its lines on stdin say (see contenders_main.c):
//   NAME MS       for about MS milliseconds of CPU time -> NAME COUNT CPU-NANOSECONDS SAMPLE-IN-HEX
// Each library is used as its own documentation does, with the key prepared beforehand where it has a way to.
const readline = require('readline');
const { createSecretKey } = require('crypto');
const { SECRET, NAME, CHANNEL, VALID_FOR } = require('./settings');

const now = Math.floor(Date.now() / 1000);
const key = Buffer.from(SECRET);
const claims = () => ({
  iss: 'skotos', aud: 'jitsi', sub: 'meet.test', room: CHANNEL, iat: now, nbf: now, exp: now + VALID_FOR, moderator: false,
  context: { user: { id: NAME, name: NAME, moderator: false, affiliation: 'member' } },
});
const accepted = (seen) => { if (seen.iss !== 'skotos' || seen.aud !== 'jitsi' || seen.room !== CHANNEL) throw new Error('not accepted'); };

// 9 takes a key object, and is a hundred times slower with a string, which it tries as a private key first.
function jsonwebtoken(name, secret) {
  const jwt = require(name);
  const token = jwt.sign(claims(), secret);
  return {
    make: () => jwt.sign(claims(), secret),
    check: () => { accepted(jwt.verify(token, secret, { algorithms: ['HS256'], issuer: 'skotos', audience: 'jitsi' })); return token; },
  };
}

const libraries = {
  'jsonwebtoken-8': () => jsonwebtoken('jsonwebtoken-8', SECRET),
  jsonwebtoken: () => jsonwebtoken('jsonwebtoken', createSecretKey(key)),
  'fast-jwt': () => {
    const { createSigner, createVerifier } = require('fast-jwt');
    const sign = createSigner({ key, algorithm: 'HS256' });
    const verify = createVerifier({ key, algorithms: ['HS256'], allowedIss: 'skotos', allowedAud: 'jitsi' });
    const token = sign(claims());
    return { make: () => sign(claims()), check: () => { accepted(verify(token)); return token; } };
  },
  jose: async () => {
    const { SignJWT, jwtVerify, importJWK } = await import(require.resolve('jose'));
    const imported = await importJWK({ kty: 'oct', k: key.toString('base64url'), alg: 'HS256' });
    const make = () => new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(imported);
    const token = await make();
    const check = async () => { accepted((await jwtVerify(token, imported, { algorithms: ['HS256'], issuer: 'skotos', audience: 'jitsi' })).payload); return token; };
    return { make, check };
  },
};

const cpu_us = () => { const { user, system } = process.cpuUsage(); return user + system; };

async function measure(library, what, ms) {
  const run = library[what], batch = 64;
  const waits = run() instanceof Promise;
  let count = 0, sample;
  const once = async () => { for (let i = 0; i < batch; i++) sample = waits ? await run() : run(); };
  for (let i = 0; i < 8; i++) await once();
  const from = cpu_us();
  let till;
  do { await once(); count += batch; till = cpu_us(); } while (till - from < ms * 1000);
  return `${count} ${(till - from) * 1000} ${Buffer.from(sample).toString('hex')}`;
}

(async () => {
  const library = await libraries[process.argv[2]]();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, ms] = line.split(' ');
    console.log(`${name} ${await measure(library, name.split('-')[0], Number(ms))}`);
  }
})();
