// What it costs that a game is told of all that goes on: everybody in a room chats, raises a hand (or lowers it), turns
// the microphone on (or off) and speaks, all at once, with the game subscribed to all events, and in the same room of
// another server with nobody subscribed. Meanwhile both games ask for tokens: how long each of them waits, half of the
// requests and all but one in a hundred.
const { Prosody } = require('./prosody');
const { Game } = require('../spec/support/rig/game');
const { Side } = require('./joins');
const { cpu_ns } = require('./process');
const { quantile } = require('./figures');
const { rounds, quick } = require('./settings');

const COUNT = quick ? 60 : 300, ROUNDS = quick ? 2 : Math.min(rounds, 4), EVERY_MS = 25;
const EVENTS = ['joined', 'left', 'moderator', 'room_opened', 'room_closed', 'said', 'hand', 'muted', 'speaking', 'renamed', 'knocking'];
const ACTS = 4; // events that one person makes in a round: said, hand, muted, speaking
const SPEAKERSTATS = 'Component "speakerstats.meet.test" "rig_component"';

async function side_of(subscribed) {
  const game = await Game.start({});
  const prosody = await Prosody.start({ auth: 'skotos_bridge', game_port: game.port, host_options: 'skotos_commands = true', muc_options: SPEAKERSTATS });
  await game.until('connected 1', 20);
  const side = new Side(prosody, game, { count: COUNT, movers: 0 }, 'hall');
  await side.fill();
  if (subscribed && !(await game.ask({ cmd: 'subscribe', events: EVENTS }, 20)).success) throw new Error('the game could not subscribe');
  return side;
}

// Everybody does everything; resolves when everybody has heard of it. `on`: hands go up and microphones on, else down
// and off.
function everything(side, on) {
  const due = 2 * COUNT ** 2; // a chat message and a presence of each, to each
  let seen = 0;
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`${seen} of ${due} stanzas came within ten minutes`)), 600000);
    const count = () => { if (++seen === due) { clearTimeout(timer); done(); } };
    side.inside.forEach((client) => { client.counting = count; client.hearing = count; });
    side.inside.forEach((client, n) => {
      client.chat(side.room, 'Well met, all of you, by the light of the lamp!');
      client.update(side.room, `p${n}`, `<jitsi_participant_raisedHand>${on ? 1795564103000 + n : ''}</jitsi_participant_raisedHand>`
        + `<SourceInfo>{"p${n}-a0":{"muted":${!on}}}</SourceInfo>`);
      client.speak(side.room);
    });
  });
}

// Has the game ask for a token again and again until `until` is resolved; the milliseconds that each has waited.
async function ask_meanwhile({ game }, until) {
  let over = false;
  until.then(() => { over = true; }, () => { over = true; });
  const seqs = [];
  while (!over) {
    seqs.push(...await game.order([{ login: `Player${seqs.length}`, channel: 'hall' }]));
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
  await game.settled(60);
  const results = await Promise.all(seqs.map((seq) => game.result(seq)));
  const lost = results.filter(({ state, success }) => state !== 'reply' || !success).length;
  if (lost) throw new Error(`${lost} of ${seqs.length} requests were not answered`);
  return results.map(({ ms }) => ms);
}

async function told(game, due) {
  for (const end = Date.now() + 30000; Date.now() < end; await new Promise((done) => setTimeout(done, 20))) {
    if ((await game.stats()).events >= due) return;
  }
  throw new Error(`${(await game.stats()).events} of ${due} events came`);
}

// { cpu: microseconds for each person, half, most: milliseconds after which half of the requests and 99 % are answered }
async function once(side, on, subscribed) {
  const { prosody, game } = side;
  await prosody.lua('collectgarbage() collectgarbage()');
  const events = (await game.stats()).events, before = cpu_ns(prosody.child.pid);
  const acts = everything(side, on), waits = await ask_meanwhile(side, acts);
  await acts;
  // Who spoke last in the round before is not told of again, should he be the first now.
  if (subscribed) await told(game, events + ACTS * COUNT - 1);
  return { cpu: (cpu_ns(prosody.child.pid) - before) / COUNT / 1000, half: quantile(waits, 0.5), most: quantile(waits, 0.99) };
}

// How long a game's requests wait in that crowd, beside the same crowd with nobody subscribed: a difference may be below 0,
// since the two servers share the machine.
function waits_row(id, which, [told, untold]) {
  return { id, title: `a game's requests while these ${COUNT} do so, answered after, ${which}`, unit: 'ms', better: 'less', ours: 'told',
    contenders: [{ name: 'told', label: 'the game subscribed to all events', figures: told },
      { name: 'untold', label: 'nobody subscribed', figures: untold }],
    goals: [{ against: ['untold'], later: 5, says: '≤ 5 ms later than with nobody subscribed' }] };
}

async function run(progress) {
  progress(`${COUNT} come into a room of each of two servers`);
  const sides = await Promise.all([side_of(true), side_of(false)]);
  const figures = { cpu: [[], []], half: [[], []], most: [[], []] };
  for (let round = 0; round <= ROUNDS; round++) {
    progress(`${COUNT} speak, raise hands and chat at once, round ${round} of ${ROUNDS}`);
    const seen = await Promise.all(sides.map((side, i) => once(side, round % 2 === 0, i === 0)));
    if (round === 0) continue; // it warms up
    for (const what of Object.keys(figures)) seen.forEach((of, i) => figures[what][i].push(of[what]));
  }
  for (const side of sides) {
    await side.empty();
    await side.prosody.stop();
    await side.game.stop();
  }
  return [
    { id: 'events', title: `CPU for each of ${COUNT} who speak, raise hands and chat at once, all told to a game`, unit: 'µs', better: 'less', ours: 'told',
      contenders: [{ name: 'told', label: 'the game subscribed to all events', figures: figures.cpu[0] },
        { name: 'untold', label: 'nobody subscribed', figures: figures.cpu[1] }],
      goals: [{ against: ['untold'], most: 1.1, says: '≤ 1.1 × that with nobody subscribed' }] },
    waits_row('events-replies', 'median', figures.half),
    waits_row('events-replies-99', '99 %', figures.most),
  ];
}
module.exports = { run };
