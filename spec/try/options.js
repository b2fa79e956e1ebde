// What `make try` was asked for, from the environment: read, judged, with the defaults.
const fs = require('fs'),
  { spawnSync } = require('child_process');

// Thrown for what whoever called it has to mend; its message says what came and what is wanted.
class Wrong extends Error {}

const choice = (env, name, allowed) => {
  const value = env[name] || allowed[0];
  if (!allowed.includes(value))
    throw new Wrong(`${name}: ${JSON.stringify(value)}; one of ${allowed.join(', ')} is wanted`);
  return value;
};
const number = (env, name, fallback, least, most) => {
  const value = Number(env[name] || fallback);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Wrong(`${name}: ${JSON.stringify(env[name])}; a whole number from ${least} to ${most} is wanted`);
  }
  return value;
};

function originOf(host) {
  if (!host) throw new Wrong('HOST is not set; the Jitsi host is wanted: make try HOST=meet.example.com');
  let url;
  try {
    url = new URL(/^https?:\/\//.test(host) ? host : `https://${host}`);
  } catch (e) {
    url = null;
  }
  if (!url || url.pathname !== '/' || url.search || url.username) {
    throw new Wrong(
      `HOST: ${JSON.stringify(host)}; a host name is wanted, with http:// before it for a Jitsi without TLS, and :PORT`,
    );
  }
  return url.origin;
}

function firstLine(file) {
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (e) {
    throw new Wrong(`SECRET_FILE: ${e.message}`);
  }
  const line = text.split('\n')[0].trim();
  if (!line) throw new Wrong(`SECRET_FILE: ${file} has an empty first line; the secret is wanted there`);
  return line;
}

// Asks at the terminal, without showing what is typed.
function prompted() {
  process.stderr.write('app_secret of the Jitsi host (not shown): ');
  spawnSync('stty', ['-echo'], { stdio: 'inherit' });
  try {
    const bytes = [],
      one = Buffer.alloc(1);
    while (fs.readSync(0, one, 0, 1) === 1 && one[0] !== 10) bytes.push(one[0]);
    return Buffer.from(bytes).toString('utf8').trim();
  } finally {
    spawnSync('stty', ['echo'], { stdio: 'inherit' });
    process.stderr.write('\n');
  }
}

const isCommand = (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

// Where tokens come from: { secret } or { mint: words of the command before "mod_skotos_bridge mint …" }.
function signerOf(env) {
  // What make was given on its command line, everybody on the machine can read.
  if (/(^|\s)SECRET=/.test(env.MAKEFLAGS || '')) {
    throw new Wrong(
      'SECRET is on the command line, where everybody here can read it; SECRET_FILE=… is wanted, or the environment',
    );
  }
  if (env.SECRET_FILE) return { secret: firstLine(env.SECRET_FILE) };
  if (env.SECRET) return { secret: env.SECRET };
  if (env.MINT) return { mint: env.MINT.split(' ').filter(Boolean) };
  if (isCommand('prosodyctl') && spawnSync('prosodyctl', ['mod_skotos_bridge', 'mint', '--help']).status === 0)
    return { mint: ['prosodyctl'] };
  const secret = process.stdin.isTTY ? prompted() : '';
  if (!secret)
    throw new Wrong(
      'no secret: SECRET_FILE=FILE is wanted, its first line the app_secret; or run it on the Jitsi host itself',
    );
  return { secret };
}

exports.Wrong = Wrong;
exports.read = (env) => ({
  origin: originOf(env.HOST),
  library: env.LIB || null,
  signer: signerOf(env),
  appId: env.APP_ID || 'skotos',
  login: choice(env, 'LOGIN', ['skotos_bridge', 'jitsi']),
  transport: choice(env, 'TRANSPORT', ['websocket', 'bosh']),
  before2025: choice(env, 'PERMISSIONS', ['yes', 'no']) === 'no',
  p2p: choice(env, 'P2P', ['off', 'on']) === 'on',
  gamePort: env.GAME_PORT ? number(env, 'GAME_PORT', '', 1, 65535) : null,
  only: env.ONLY ? env.ONLY.split(',') : null,
  wait: number(env, 'WAIT', 30, 5, 300) * 1000,
  limit: number(env, 'LIMIT', 600, 30, 3600) * 1000,
  insecure: choice(env, 'INSECURE', ['no', 'yes']) === 'yes',
  console: env.CONSOLE === 'yes',
});
