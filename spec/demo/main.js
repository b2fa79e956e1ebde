// make demo: plays the acts (spec/demo/acts, in the order of their names) and checks each step of the story. Exit status 0 when all of it
// holds (with KEEP=1: once it is ended), 1 with the reason when not, 130 or 143 when interrupted. Leaves no process and no file behind.
const fs = require('fs'), path = require('path');
const started = require('../support/rig/started');
const { Narrator } = require('./narrator'), { Stage, Broken, DOMAIN, EXAMPLE } = require('./stage');

const narrator = new Narrator(process.stdout, process.env);
const begun = Date.now();
let ending = false, kept = false;

// Ends all that was started, then the process.
async function end(code, text) {
  if (ending) return;
  ending = true;
  while (started.size > 0) await Promise.all([...started].map((t) => t.stop().catch(() => t.kill()))); // eslint-disable-line no-await-in-loop
  if (text) narrator.line(text);
  process.exit(code);
}

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => {
    if (!ending) narrator.line(kept ? '\nEnding Prosody and the game.' : '\nInterrupted: ending Prosody and the game.');
    end(kept && signal === 'SIGINT' ? 0 : code, 'Nothing is left behind.');
  });
}
process.stdout.on('error', () => end(1)); // the reader has gone: make demo | head

function tellFailure(error, stage) {
  if (error instanceof Broken) narrator.fails(error.message);
  else narrator.fails(`the demo itself failed: ${error.stack}`);
  const lines = stage ? stage.prosody.log().split('\n').slice(-12) : [];
  if (lines.length > 0) narrator.line(`\nProsody's log ends:\n${lines.join('\n')}`);
}

async function play(stage) {
  const folder = path.join(__dirname, 'acts');
  const files = fs.readdirSync(folder).filter((f) => f.endsWith('.js')).sort();
  for (const [i, file] of files.entries()) {
    const act = require(path.join(folder, file));
    await narrator.act(i + 1, act.title);
    await act.play(stage);
  }
  await narrator.heading("Last, Prosody's log");
  // Each act says which warnings belong to its story.
  const expected = files.flatMap((f) => require(path.join(folder, f)).warnings || []);
  const others = stage.complaints().filter((line) => !expected.some((e) => line.includes(e)));
  for (const line of stage.complaints().filter((l) => !others.includes(l))) await narrator.tell('warn', line.split('\t').slice(2).join(' '), 'dim');
  await stage.expectEqual('it warns of nothing else', [], others);
  await stage.expect('it holds no token and no secret', ![stage.secret, ...stage.tokens].some((s) => stage.prosody.log().includes(s)), 'one');
}

async function main() {
  narrator.title('skotos_bridge', "a game's logins become Jitsi tokens and moderators",
    'A player logs in to the game. The game asks the bridge, which lives inside Prosody, for a token. With it the player joins a Jitsi room.');
  narrator.line();
  let stage;
  try {
    stage = await Stage.raise(narrator);
    await narrator.tell('bridge', `mod_skotos_bridge in Prosody ${stage.version} on 127.0.0.1:${stage.prosody.ports.http}, with ${EXAMPLE}`, 'cyan');
    await narrator.tell('game', `a stand-in on 127.0.0.1:${stage.game.port}, which speaks as SkotOS does, to the byte`, 'cyan');
    await narrator.tell('players', `real XMPP clients (strophe.js) that log in to ${DOMAIN}`, 'green');
    await narrator.tell('Jicofo', "a scripted one: the focus of every Jitsi room, who may do there what he likes", 'magenta');
    await play(stage);
    narrator.line();
    narrator.line(narrator.paint('green', `All ${narrator.checks} expectations held, in ${((Date.now() - begun) / 1000).toFixed(1)} s.`));
    kept = Boolean(process.env.KEEP);
    if (kept) await require('./keep')(stage);
    await end(0, kept && '\nNothing is left behind.');
  } catch (error) {
    if (ending) return;
    tellFailure(error, stage);
    await end(1, narrator.paint('red', '\nThe demo has failed.'));
  }
}
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => { if (!ending) { narrator.fails(`the demo itself failed: ${error && error.stack}`); end(1); } });
}
main();
