// What the game does in the room: moderators, a mute that holds, a kick with its reason, a ban at the door.
const game = require('../game');
const { again, kicked, knocks, listed, told } = require('../people');

exports.title = 'The game';
exports.run = async (stage) => {
  const own = await game.begin(stage.o);
  if (own.none) {
    stage.report.skip(own.none);
    return;
  }
  try {
    await mutes(stage, own);
    await stage.clear();
    await rules(stage, own);
    await stage.clear();
    await lobby(stage, own);
  } finally {
    await own.stop();
  }
};

// The command's answer; a failure is a line of its own.
async function order(stage, own, command) {
  const { success, message, ...answer } = await own.ask(command);
  if (!success) stage.report.fails(`the game's ${command.cmd}`, message);
  return success ? { message, ...answer } : null;
}

async function mutes(stage, own) {
  const { report } = stage,
    room = stage.room('game-mute');
  const mina = await stage.join('Mina', { room, moderator: true, p2p: false });
  let anna = await stage.join('Anna', { room, p2p: false });
  const bert = await stage.join('Bert', { room, p2p: false });
  const hear = (is) => stage.listenUntil([bert], ([h]) => stage.hears(h, mina) && stage.hears(h, anna) === is);
  const say = ([h]) => `Mina ${h.energy(mina).toFixed(4)}, Anna ${h.energy(anna).toFixed(4)}`;
  // The fake microphone beeps once a second: a page that is let through is heard within the time.
  const cheats = async (what) => {
    await anna.ask('cheat');
    const heard = await stage.listenUntil([bert], ([h]) => stage.hears(h, anna), 8000);
    report.holds(!stage.hears(heard[0], anna) && stage.hears(heard[0], mina), what, say(heard));
  };
  await hear(true);
  const mute = (muted) => order(stage, own, { cmd: 'mute', channel: room, id: anna.name, media: 'audio', muted });
  const answer = await mute(true);
  if (!answer) return;
  report.line('', `mute: ${answer.message}`);
  let heard = await hear(false);
  report.holds(!stage.hears(heard[0], anna), 'the game mutes Anna; Bert hears', say(heard));
  await cheats('her page cheats; Bert hears');

  await anna.close();
  [anna] = await again(stage, anna);
  await anna.until('player.isMuted()');
  await bert.sees(anna);
  await cheats('she comes again, and cheats; Bert hears');
  if (!(await mute(false))) return;
  await anna.ask('unmute');
  heard = await hear(true);
  report.holds(stage.hears(heard[0], anna), 'the game ends it, she turns herself on; Bert hears', say(heard));
}

async function rules(stage, own) {
  const { report } = stage,
    room = stage.room('game');
  const mina = await stage.join('Mina', { room, moderator: true }),
    anna = await stage.join('Anna', { room }),
    bert = await stage.join('Bert', { room });
  await Promise.all([mina.sees(bert), anna.sees(bert)]);
  for (const [moderator, role] of [
    [true, 'moderator'],
    [false, 'participant'],
  ]) {
    if (!(await order(stage, own, { cmd: 'set_moderator', channel: room, id: anna.name, moderator }))) return;
    await bert.until(`player.roles()[${JSON.stringify(anna.name)}] === "${role}"`);
    const roles = await bert.roles();
    report.holds(
      roles.Anna === role && roles.Mina === 'moderator',
      `set_moderator ${moderator}: in Bert's eyes`,
      listed(roles),
    );
  }

  const reason = 'no brawls in here';
  if (!(await order(stage, own, { cmd: 'kick', channel: room, id: bert.name, reason }))) return;
  await kicked(stage, 'the game kicks Bert', bert, [mina, anna], reason);
  const [back, came] = await again(stage, bert);
  report.holds(came.role === 'participant', 'he comes back', told(came));
  if (!came.joined) return;
  await mina.sees(back);
  if (!(await order(stage, own, { cmd: 'kick', channel: room, id: bert.name, reason, banFor: 60 }))) return;
  await kicked(stage, 'the game bans Bert for a minute', back, [mina, anna], reason);
  const [, refused] = await again(stage, bert);
  report.holds(
    refused.failed === 'conference.connectionError.notAllowed',
    'at the door with the same token',
    told(refused),
  );
}

async function lobby(stage, own) {
  const { report } = stage,
    channel = stage.room('game-lobby');
  const mina = await stage.join('Mina', { room: channel, moderator: true });
  if (!(await mina.run('player.conference.isLobbySupported()'))) {
    report.skip('admit and deny: this host has no lobby');
    return;
  }
  await mina.bounded(mina.run('player.conference.enableLobby()'), 'the lobby to be on');
  if (!(await order(stage, own, { cmd: 'subscribe', channel, events: ['knocking'] }))) return;
  for (const [base, cmd, event] of [
    ['Bert', 'admit', 'CONFERENCE_JOINED'],
    ['Dora', 'deny', 'CONFERENCE_FAILED'],
  ]) {
    const from = await own.events();
    const p = await knocks(stage, base, channel);
    if (!p) return;
    const told = await own.event(from, { event: 'knocking', id: p.name, waiting: true });
    report.holds(told, `the game hears that ${base} knocks`, told ? stage.plain(told.id) : 'nothing');
    const before = await p.mark();
    if (!(await order(stage, own, { cmd, channel, id: p.name }))) return;
    const came = await p.event(event, before);
    report.holds(came, `the game's ${cmd}: ${base}'s page is told`, came ? `${event} ${came[0] || ''}`.trim() : 'nothing');
  }
}
