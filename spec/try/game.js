// The game's side, where the Jitsi that is tried has a place for it: the stand-in game of the specs, at the port that skotos_port names.
const { Game } = require('../support/rig/game');

const CONNECTED = 40; // seconds: the bridge tries a game that is not there every 30 s at the latest

// { ask(command) } of a game that this Jitsi is connected to and lets command, or { none: why not }.
exports.begin = async (o) => {
  if (!o.gamePort) return { none: 'no game: GAME_PORT=11091 starts a stand-in where skotos_port of a Jitsi for trying points' };
  let game;
  try { game = await Game.start({ port: o.gamePort }); } catch (e) { return { none: `nothing can listen at port ${o.gamePort}: ${e.message}` }; }
  const ended = () => game.stop().catch(() => game.kill());
  try { await game.until('connected 1', CONNECTED); } catch (e) {
    await ended();
    return { none: `no Jitsi connected to port ${o.gamePort} within ${CONNECTED} s` };
  }
  const ask = (command) => game.ask(command, o.wait / 1000);
  const pong = await ask({ cmd: 'ping' });
  if (!pong.success) { await ended(); return { none: `the game may give no commands (skotos_commands): ${pong.message}` }; }
  return { ask, events: (from) => game.events(from), stop: ended, stats: () => game.stats() };
};
