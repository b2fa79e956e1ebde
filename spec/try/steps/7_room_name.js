// A room whose name is not plain letters, and a token for another room.
const { told } = require('../people');

// As Jitsi's page makes a room's JID of its name.
const nodeOf = (name) => encodeURIComponent(name.normalize('NFKC').toLowerCase()).toLowerCase();

exports.title = 'Room names';
exports.run = async (stage) => {
  const { report } = stage,
    name = `Königs Keller + Hof ${stage.mark}`,
    node = nodeOf(name);
  const mina = await stage.open('Mina', { room: name, node, moderator: true }),
    came = await mina.join();
  report.holds(came.role === 'moderator', `a token for "${name}" opens ${node}`, told(came));
  const anna = await stage.open('Anna', { room: name, node }),
    second = await anna.join();
  report.holds(second.role === 'participant', "a player's token for it", told(second));
  const bert = await stage.open('Bert', { room: stage.room('elsewhere'), node }),
    refused = await bert.join();
  report.holds(refused.failed === 'conference.connectionError.notAllowed', 'a token for another room', told(refused));
};
