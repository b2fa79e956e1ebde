// make demo KEEP=1: leaves everything running, says how to connect, and logs in to the game whoever's name is typed.
const os = require('os'), readline = require('readline');
const { DOMAIN } = require('./stage'), { Panel } = require('./panel');

async function login(stage, name, room) {
  const hex = (text) => Buffer.from(text).toString('hex');
  const [, seq] = (await stage.game.command(`login ${hex(name)} ${hex(room)}`)).split(' ');
  await stage.game.settled(70);
  const result = await stage.game.result(seq);
  if (!result.success) return [`the game hears: ${result.message || result.state}`];
  const query = new URLSearchParams({ token: result.token, room });
  return [`http://127.0.0.1:${stage.prosody.ports.http}/http-bind?${query}`, `ws://127.0.0.1:${stage.prosody.ports.http}/xmpp-websocket?${query}`];
}

// Resolves when the terminal's input ends (Ctrl-D); without a terminal never, and the demo ends by a signal.
module.exports = async function keep(stage) {
  const { narrator } = stage, base = `127.0.0.1:${stage.prosody.ports.http}`;
  const asking = process.stdin.isTTY;
  narrator.line();
  narrator.line(narrator.paint('bold', `Still running, until Ctrl-C${asking ? ' or Ctrl-D' : ''} ends all of it`));
  const panel = await Panel.open(stage);
  await narrator.tell('voices', `http://${panel.host}/ in a browser: two players' pages with skotos-voice.js, and the game master's panel. They hear each other peer to peer: there is no bridge for voices here.`);
  const port = panel.host.split(':')[1];
  await narrator.tell('from elsewhere', `is your browser on another computer? Then run there first what follows, and open the same address: by another name than 127.0.0.1 a browser gives the page no microphone.`);
  narrator.line(`${' '.repeat(23)}ssh -L ${port}:127.0.0.1:${port} ${os.userInfo().username}@${os.hostname()}`);
  await narrator.tell('BOSH', `http://${base}/http-bind?token=TOKEN&room=${stage.room}`);
  await narrator.tell('WebSocket', `ws://${base}/xmpp-websocket?token=TOKEN&room=${stage.room}`);
  await narrator.tell('log in to', `${DOMAIN}, SASL ANONYMOUS; the rooms are ROOM@conference.${DOMAIN}`);
  await narrator.tell("Prosody's log", `${stage.prosody.dir}/prosody.log`);
  await narrator.tell('a token', `type a name, or a name and a room, and Enter: the game logs that player in, and you get both URLs. Valid for 10 minutes, here only. "Skott" is the moderator.`);
  const lines = readline.createInterface({ input: process.stdin });
  const prompt = () => { if (asking) narrator.out.write('\nname> '); };
  lines.on('line', async (line) => {
    const [name, room] = line.trim().split(/\s+/);
    if (name) for (const url of await login(stage, name, room || stage.room)) narrator.line(url);
    prompt();
  });
  prompt();
  return new Promise((done) => {
    setInterval(() => {}, 60000);
    lines.on('close', () => { if (asking) done(); });
  });
};
