// A breakout room: the moderator is one there, players are players, voices are heard, a kick works.
const { kicked, listed, told } = require('../people');

const ROOMS = '(player.heardOf("BREAKOUT_ROOMS_UPDATED").map((e) => e.args[0].rooms || e.args[0]).pop() || {})';

exports.title = 'Breakout room';
exports.run = async (stage) => {
  const { report } = stage,
    room = stage.room('breakout');
  const mina = await stage.join('Mina', { room, moderator: true, p2p: false });
  const anna = await stage.join('Anna', { room, p2p: false }),
    bert = await stage.join('Bert', { room, p2p: false });
  const supported = 'player.conference.getBreakoutRooms() && player.conference.getBreakoutRooms().isSupported()';
  if (!(await mina.run(supported))) {
    report.skip('this host has no breakout rooms');
    return;
  }
  await anna.run('player.conference.getBreakoutRooms().createBreakoutRoom("a player made it")');
  await mina.run('player.conference.getBreakoutRooms().createBreakoutRoom("cellar")');
  const made = `Object.values(${ROOMS}).filter((r) => !r.isMainRoom)`;
  await mina.until(`${made}.some((r) => r.name === "cellar")`);
  const rooms = await mina.run(made);
  if (
    !report.holds(
      rooms.length === 1 && rooms[0].name === 'cellar',
      'the moderator makes one, a player does not',
      rooms.map((r) => r.name).join(', ') || 'none',
    )
  )
    return;
  const [node, domain] = rooms[0].jid.split('@');

  for (const [p, role] of [
    [anna, 'participant'],
    [mina, 'moderator'],
    [bert, 'participant'],
  ]) {
    const came = await p.ask('move', node, domain);
    if (!report.holds(came.role === role, `${p.base} comes into it`, told(came))) return;
  }
  const players = [mina, anna, bert],
    all = (h) => players.filter((q) => q !== h.by).every((q) => stage.hears(h, q));
  const heard = await stage.listenUntil(players, (list) => list.every(all));
  for (const h of heard)
    report.holds(
      all(h),
      `${h.by.base} hears in it`,
      players
        .filter((q) => q !== h.by)
        .map((q) => `${q.base} ${h.energy(q).toFixed(4)}`)
        .join(', '),
    );
  const roles = await bert.roles();
  report.holds(
    roles.Mina === 'moderator' && roles.Anna === 'participant' && roles.Bert === 'participant',
    "in Bert's eyes, still",
    listed(roles),
  );

  await anna.ask('kick', mina.name, 'no right to do so');
  await mina.ask('kick', anna.name, 'no brawls here either');
  await kicked(stage, 'the moderator kicks Anna in it', anna, [mina, bert]);
  report.holds(
    !(await mina.run('player.heardOf("KICKED").length')),
    "a player's page does not kick the moderator in it",
  );
  const back = await mina.ask('again');
  report.holds(back.role === 'moderator', 'back in the main room the moderator is', told(back));
};
