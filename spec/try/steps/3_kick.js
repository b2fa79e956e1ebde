// Kick and ban by a moderator's page.
const { again, kicked, out, told } = require('../people');

exports.title = 'Kick and ban by a page';
exports.run = async (stage) => {
  const { report } = stage,
    room = stage.room('kick');
  const mina = await stage.join('Mina', { room, moderator: true }),
    cora = await stage.join('Cora', { room, moderator: true });
  const bert = await stage.join('Bert', { room });
  await Promise.all([mina.sees(bert), bert.sees(mina), cora.sees(bert)]);

  await bert.ask('kick', mina.name, 'no right to do so');
  await mina.ask('kick', bert.name, 'no brawls in here');
  await kicked(stage, 'the moderator kicks Bert', bert, [mina, cora]);
  report.holds(!(await mina.run('player.heardOf("KICKED").length')), "a player's page does not kick the moderator");
  const [back, came] = await again(stage, bert);
  report.holds(came.role === 'participant', 'Bert comes back with the token that he had', told(came));

  await mina.ask('kick', cora.name, 'a mistake');
  await kicked(stage, "the moderator kicks Cora, who has a moderator's token too", cora, [mina]);
  const [, coraCame] = await again(stage, cora);
  report.holds(coraCame.role === 'moderator', 'Cora comes back with the token that she had', told(coraCame));

  if (!came.joined) return;
  await mina.sees(back);
  await mina.ask('ban', back.name);
  await out(stage, 'the moderator bans Bert (XEP-0045, outcast)', back, [mina]);
  const [, refused] = await again(stage, bert);
  report.holds(
    refused.failed === 'conference.connectionError.notAllowed',
    'Bert at the door with the same token',
    told(refused),
  );
};
