// The game's side, where the Jitsi that is tried has a place for it: the stand-in game of the specs, at the port
// that skotos_port names.
const { Game } = require('../support/rig/game');

const CONNECTED = 40; // seconds: the bridge tries a game that is not there every 30 s at the latest

// A game that this Jitsi is connected to and lets command: { ask(command), events(): how many have come,
// event(from, members), stop() }; or { none: why not }.
exports.begin = async (o) => {
  if (!o.gamePort)
    return { none: 'no game: GAME_PORT=11091 starts a stand-in where skotos_port of a Jitsi for trying points' };
  let game;
  try {
    game = await Game.start({ port: o.gamePort });
  } catch (e) {
    return { none: `nothing can listen at port ${o.gamePort}: ${e.message}` };
  }
  const ended = () => game.stop().catch(() => game.kill());
  try {
    await game.until('connected 1', CONNECTED);
  } catch (e) {
    await ended();
    return { none: `no Jitsi connected to port ${o.gamePort} within ${CONNECTED} s` };
  }
  const ask = (command) => game.ask(command, o.wait / 1000);
  const pong = await ask({ cmd: 'ping' });
  if (!pong.success) {
    await ended();
    return { none: `the game may give no commands (skotos_commands): ${pong.message}` };
  }
  // The first event from number `from` on that has these members; null when none comes in time.
  const event = async (from, members) => {
    for (let n = from; ; n += 1) {
      const came = await game.until(`events ${n + 1}`, o.wait / 1000).catch(() => null);
      if (!came) return null;
      const told = (await game.events(n))[0];
      if (Object.entries(members).every(([name, value]) => told[name] === value)) return told;
    }
  };
  const events = async () => (await game.stats()).events;
  return { ask, event, events, stop: ended };
};
