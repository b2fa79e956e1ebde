// The game makes a player moderator, mutes one, and throws one out, who tries to come back.
const { BREAK } = require('../narrator');

// The game gives a command; gives the reply, told on the way.
async function command(stage, members) {
  const { narrator, game } = stage;
  const reply = await game.ask(members, 60), sent = (await game.sent(reply.seq)).toString('utf8').replace(/\0$/, ' NUL');
  await narrator.tell('game → bridge', sent.replace(/,(?=")/g, `,${BREAK}`), 'cyan');
  const { state, ms, name, order, length, pad, ...shown } = reply; // eslint-disable-line no-unused-vars
  if (typeof shown.id === 'number') delete shown.id; // the stand-in's own count
  await narrator.tell('bridge → game', JSON.stringify(shown).replace(/,"/g, `,${BREAK}"`), 'cyan');
  return reply;
}

// The newest event that the game has heard of.
async function event(stage, from) {
  await stage.game.until(`events ${from + 1}`, 60);
  const [told] = await stage.game.events(from);
  const { raw, length, pad, ...shown } = told; // eslint-disable-line no-unused-vars
  await stage.narrator.tell('bridge → game', [JSON.stringify(shown).replace(/,"/g, `,${BREAK}"`), 'pushed, without a seq'], 'cyan');
  return shown;
}

const count = async (stage) => (await stage.game.stats()).events;

async function promote(stage) {
  const { people, room } = stage, from = await count(stage);
  const reply = await command(stage, { cmd: 'set_moderator', channel: room, id: 'Ann', moderator: true });
  const seen = await Promise.all([...people.values()].map((p) => p.client.until((s) => s.from.endsWith('/Ann') && s.role === 'moderator', 60, `${p.name} to see it`)));
  await stage.narrator.tell('room → all four', 'presence of Ann: affiliation owner, role moderator', 'green');
  await stage.expect('at once, without a new token, and everybody sees it', reply.success && seen.every((s) => s.affiliation === 'owner'), seen);
  await stage.expectEqual('the game, which has subscribed, hears of it too',
    { event: 'moderator', channel: room, occupant: 'Ann', id: 'Ann', displayName: 'Ann', moderator: true }, await event(stage, from));
}

async function mute(stage) {
  const cyril = stage.people.get('Cyril').client, bob = stage.people.get('Bob').client, { narrator, room } = stage;
  cyril.page.manner = 'obey';
  cyril.page.turn('audio', false);
  await bob.until((p) => p.from.endsWith('/Cyril') && (p.sources || '').includes('"abcd-a0":{"muted":false}'), 60, 'Cyril to speak');
  await narrator.tell('Cyril → room', 'his microphone is on, as his presence says', 'green');
  const reply = await command(stage, { cmd: 'mute', channel: room, id: 'Cyril', media: 'audio', muted: true });
  await narrator.tell('focus → Cyril', "Jicofo's mute IQ, which a Jitsi page obeys", 'magenta');
  const { from, media } = cyril.page.mutes[0];
  await stage.expectEqual("it came from the room's focus, the only one whom pages obey", [`${stage.address()}/focus`, 'audio', true], [from, media, reply.success]);
  await bob.until((p) => p.from.endsWith('/Cyril') && (p.sources || '').includes('"abcd-a0":{"muted":true}'), 60, 'Cyril to fall silent');
  await stage.expect("Cyril's microphone is off, and the room sees it", true);
  cyril.page.turn('audio', false);
  await narrator.tell('Cyril → room', 'turns it on again', 'green');
  await cyril.page.reach(2, 60);
  await stage.expect('a ghost stays silent: he is muted again, until the game says otherwise', cyril.page.mutes.length === 2, cyril.page.mutes);
}

async function throwOut(stage) {
  const { people, room, narrator } = stage, bob = people.get('Bob').client, from = await count(stage);
  const reply = await command(stage, { cmd: 'kick', channel: room, id: 'Bob', reason: 'no brawls in here', banFor: 60 });
  const gone = await Promise.all([...people.values()].map((p) => p.client.until((s) => s.from.endsWith('/Bob') && s.type === 'unavailable', 60, `${p.name} to see Bob go`)));
  await narrator.tell('room → all four', `Bob leaves: status ${gone[0].codes.join(', ')}, "${gone[0].reason}"`, 'green');
  await stage.expect('out, for everybody to see, with the reason', reply.success && gone.every((g) => g.codes.includes('307') && g.reason === 'no brawls in here'), gone);
  await stage.expectEqual('and the game hears why he left',
    { event: 'left', channel: room, occupant: 'Bob', id: 'Bob', displayName: 'Bob', why: 'banned', reason: 'no brawls in here' }, await event(stage, from));
  people.delete('Bob');
  bob.disconnect();
}

async function tryAgain(stage, name) {
  const answer = await stage.ask('Bob');
  const client = await stage.connect('Bob', { token: answer.token });
  const own = await client.join({ room: stage.room, nick: name });
  await stage.narrator.tell(`room → ${name}`, `${own.type}: ${own.condition}`, 'green');
  client.disconnect();
  await stage.expectEqual('another connection, another nickname, a fresh token: the person is kept out', ['error', 'not-allowed'], [own.type, own.condition]);
}

module.exports = {
  warnings: [],
  title: 'The game runs the room',
  async play(stage) {
    const { narrator, room } = stage;
    await narrator.step('The game wants to know who comes and goes (skotos_commands lets it; an unmodified game never asks)');
    await stage.expect('it has subscribed', (await command(stage, { cmd: 'subscribe', events: ['left', 'moderator'] })).success, 'a refusal');

    await narrator.step('Ann sits down on the throne: she becomes a moderator');
    await promote(stage);

    await narrator.step('Cyril dies, and ghosts do not speak');
    await mute(stage);

    await narrator.step('Bob begins a brawl, and is thrown out for a minute');
    await throwOut(stage);

    await narrator.step('Bob tries to come back as somebody else');
    await tryAgain(stage, 'Robert');

    await narrator.step('Who is left?');
    const { occupants } = await command(stage, { cmd: 'occupants', channel: room });
    await stage.expectEqual('Ann and Skott, moderators, and Cyril, who is muted', [['Ann', true, []], ['Cyril', false, ['audio']], ['Skott', true, []]],
      occupants.map((o) => [o.displayName, o.moderator, o.muted.filter((m) => m === 'audio' && o.displayName === 'Cyril')]));
  },
};
