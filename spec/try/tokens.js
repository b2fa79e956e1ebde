// Tokens, as the bridge makes them: signed here with the host's secret, or by its own `prosodyctl mod_skotos_bridge
// mint`.
const crypto = require('crypto'),
  { spawnSync } = require('child_process');

const EVENING = 43200; // seconds; skotos_token_session_validity's default
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(o, wish, domain) {
  const now = Math.floor(Date.now() / 1000),
    { room, name, id, moderator, validFor } = wish;
  // Where the bridge checks the login, the wish has a claim of its own; Jitsi's own login knows exp alone.
  const until = o.login === 'jitsi' ? { exp: now + validFor } : { exp: now + EVENING, skotos_use_by: now + validFor };
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({
    iss: o.appId,
    aud: 'jitsi',
    sub: domain,
    room,
    iat: now,
    nbf: now,
    ...until,
    moderator,
    context: { user: { id, name, moderator, affiliation: moderator ? 'owner' : 'member' } },
  })}`;
  return `${text}.${crypto.createHmac('sha256', o.signer.secret).update(text).digest('base64url')}`;
}

function mint(o, wish) {
  const [command, ...words] = o.signer.mint;
  const run = spawnSync(
    command,
    [
      ...words,
      'mod_skotos_bridge',
      'mint',
      '--json',
      '--room',
      wish.room,
      '--name',
      wish.name,
      '--for',
      String(wish.validFor),
      ...(wish.moderator ? ['--moderator'] : []),
    ],
    { encoding: 'utf8' },
  );
  let answer;
  try {
    answer = JSON.parse(run.stdout.trim().split('\n').pop());
  } catch (e) {
    answer = { error: (run.stderr || String(run.error)).trim().slice(0, 300) };
  }
  if (!answer.token) throw new Error(`mint failed: ${answer.error}`);
  return answer.token;
}

// A token for { room, name, moderator, validFor }, `domain` being the host's XMPP domain. The person's id is his
// name.
exports.make = (o, wish, domain) => {
  const full = { moderator: false, validFor: 600, ...wish, id: wish.name };
  return o.signer.secret ? sign(o, full, domain) : mint(o, full);
};
