// Who is moderator in whose eyes, and whether each voice arrives.
const { listed, told } = require('../people');

const roleOf = (wish) => (wish.moderator ? 'moderator' : 'participant');

async function allHear(stage, players, direct) {
  const others = (p) => players.filter((q) => q !== p);
  const good = (h) => h.direct === direct && others(h.by).every((q) => stage.hears(h, q));
  for (const h of await stage.listenUntil(players, (heard) => heard.every(good))) {
    stage.report.holds(
      good(h),
      `${h.by.base} hears ${direct ? 'directly' : 'through the bridge'}`,
      `${others(h.by)
        .map((q) => `${q.base} ${h.energy(q).toFixed(4)}`)
        .join(', ')}${h.direct === direct ? '' : ', but not that way'}`,
    );
  }
}

async function eyes(stage, players) {
  const right = Object.fromEntries(players.map((p) => [p.base, roleOf(p.wish)]).sort());
  for (const p of players) {
    await p.until(`Object.keys(player.roles()).length === ${players.length}`);
    const roles = await p.roles();
    stage.report.holds(listed(roles) === listed(right), `in ${p.base}'s eyes`, listed(roles));
  }
}

// Jitsi of 2025 and later tells moderators what they may do: without it a page offers neither recording nor polls.
async function permissions(stage, players) {
  if (stage.o.before2025 || (await players[0].run('!JitsiMeetJS.events.conference.PERMISSIONS_RECEIVED'))) {
    stage.report.skip('permissions: a Jitsi of before 2025 has none');
    return;
  }
  const has = (p) => p.run('player.heardOf("PERMISSIONS_RECEIVED").length > 0');
  await players.find((p) => p.wish.moderator).event('PERMISSIONS_RECEIVED');
  const got = await Promise.all(players.map(has)),
    named = players
      .filter((_, i) => got[i])
      .map((p) => p.base)
      .join(', ');
  stage.report.holds(
    named === 'Mina',
    'permissions (recording, polls) are told to',
    named || 'nobody; is the host of before 2025? (PERMISSIONS=no)',
  );
}

exports.title = 'Roles and voices';
exports.run = async (stage) => {
  const { report } = stage,
    room = stage.room('voices'),
    players = [];
  // A player is the first in the room: nobody becomes moderator by that.
  for (const [base, moderator] of [
    ['Anna', false],
    ['Mina', true],
    ['Bert', false],
  ]) {
    const p = await stage.open(base, { room, moderator }),
      came = await p.join();
    if (
      !report.holds(
        came.role === roleOf(p.wish),
        `${base} comes in with a ${moderator ? "moderator's" : "player's"} token`,
        told(came),
      )
    )
      return;
    players.push(p);
    if (players.length === 2) await allHear(stage, players, stage.o.p2p);
  }
  await allHear(stage, players, false);
  await eyes(stage, players);
  await permissions(stage, players);
};
