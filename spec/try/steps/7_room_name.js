// A room whose name is not plain letters, and a token for another room.
const { told } = require('../people');

// As Jitsi's page makes a room's JID of its name.
const nodeOf = (name) => encodeURIComponent(name.normalize('NFKC').toLowerCase()).toLowerCase();

async function oddName(stage) {
  const { report } = stage;
  const room = `Königs Keller + Hof ${stage.mark}`;
  const node = nodeOf(room);
  const mina = await stage.open('Mina', { room, node, moderator: true });
  const came = await mina.join();
  report.holds(came.role === 'moderator', `a token for "${room}" opens ${node}`, told(came));
  const anna = await stage.open('Anna', { room, node });
  const second = await anna.join();
  report.holds(second.role === 'participant', "a player's token for it", told(second));
}

exports.title = 'Room names';
exports.run = async (stage) => {
  if (stage.o.login === 'jitsi') stage.report.skip("an odd room name: Jitsi's own token_verification refuses it");
  else await oddName(stage);
  const bert = await stage.open('Bert', { room: stage.room('elsewhere'), node: stage.room('name') });
  const refused = await bert.join();
  const right = refused.failed === 'conference.connectionError.notAllowed';
  stage.report.holds(right, 'a token for another room', told(refused));
};
