// The lobby: who has to knock, who is let in, who is turned away.
const { knocks } = require('../people');

exports.title = 'Lobby';
exports.run = async (stage) => {
  const { report } = stage,
    room = stage.room('lobby');
  const mina = await stage.join('Mina', { room, moderator: true }),
    anna = await stage.join('Anna', { room });
  if (!(await mina.run('player.conference.isLobbySupported()'))) {
    report.skip('this host has no lobby');
    return;
  }
  await anna.run('player.conference.enableLobby().catch(() => {})');
  await mina.bounded(mina.run('player.conference.enableLobby()'), 'the lobby to be on');
  report.holds(
    await mina.until('player.heardOf("MEMBERS_ONLY_CHANGED").some((e) => e.args[0])'),
    'the moderator turns the lobby on',
  );

  let from = await mina.mark();
  const bert = await knocks(stage, 'Bert', room);
  const knocking = bert && (await mina.event('LOBBY_USER_JOINED', from));
  if (report.holds(knocking, 'the moderator sees him knock', knocking ? stage.plain(knocking[1] || '') : 'nobody')) {
    await mina.run(`player.conference.lobbyApproveAccess(${JSON.stringify(knocking[0])})`);
    const let_in = await bert.event('CONFERENCE_JOINED');
    report.holds(
      let_in && (await bert.run('player.conference.getRole()')) === 'participant',
      'let in, he is',
      let_in ? await bert.run('player.conference.getRole()') : 'still outside',
    );
  }

  from = await mina.mark();
  const dora = await knocks(stage, 'Dora', room);
  const second = dora && (await mina.event('LOBBY_USER_JOINED', from));
  if (report.holds(second, 'the moderator sees her knock', second ? stage.plain(second[1] || '') : 'nobody')) {
    await mina.run(`player.conference.lobbyDenyAccess(${JSON.stringify(second[0])})`);
    const denied = await dora.event(
      'CONFERENCE_FAILED',
      await dora.run('player.events.findIndex((e) => e.key === "CONFERENCE_FAILED") + 1'),
    );
    report.holds(
      denied && /conferenceAccessDenied|accessDenied/i.test(denied[0]),
      'turned away, her page is told',
      denied ? denied[0] : 'nothing',
    );
  }

  const cora = await stage.open('Cora', { room, moderator: true });
  report.holds((await cora.join()).role === 'moderator', "a moderator's token passes the lobby");
  await mina.run('player.conference.disableLobby()');
  await mina.until('player.heardOf("MEMBERS_ONLY_CHANGED").some((e) => e.args[0] === false)');
};
