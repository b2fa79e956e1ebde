// Whether a token is one that others accept, claim for claim: jose and fast-jwt each by itself, neither of which made it unless it is
// their own (then the other one's word counts).
const { SECRET, NAME, CHANNEL } = require('./settings');

let libraries;
async function open() {
  const { jwtVerify } = await import(require.resolve('jose'));
  const verify = require('fast-jwt').createVerifier({ key: SECRET, algorithms: ['HS256'] });
  return [async (token) => (await jwtVerify(token, Buffer.from(SECRET), { algorithms: ['HS256'] })).payload, verify];
}

async function token(text, by, name = NAME, channel = CHANNEL) {
  libraries = libraries || await open();
  for (const library of libraries) {
    const claims = await library(text);
    const user = claims.context.user;
    if (claims.iss !== 'skotos' || claims.aud !== 'jitsi' || claims.sub !== 'meet.test' || claims.room !== channel || claims.moderator !== false
      || (user.name || user) !== name || !(claims.exp > Date.now() / 1000)) throw new Error(`${by} made a wrong token: ${JSON.stringify(claims)}`);
  }
}

// What a contender made: a token, or a whole reply with one.
async function sample(hex, by) {
  const text = Buffer.from(hex, 'hex').toString('utf8').replace(/\n?\0*$/, '');
  if (!text.startsWith('{')) return token(text, by);
  const reply = JSON.parse(text);
  if (reply.success !== true || typeof reply.seq !== 'number') throw new Error(`${by} made a wrong reply: ${text}`);
  return token(reply.token, by);
}
module.exports = { sample, token };
