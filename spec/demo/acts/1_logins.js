// Three players and a moderator get their tokens from the game and meet in a room; Jicofo may not make anyone a moderator.
const HOSTILE = 'x", "moderator": true, "q": "';

// What a token for `name` says, all of it.
function claimsFor(name, room, moderator, iat) {
  return {
    iss: 'skotos', aud: 'jitsi', sub: 'meet.example.com', room, iat, nbf: iat, exp: iat + 43200, skotos_use_by: iat + 600, moderator,
    context: { user: { id: name, name, moderator, affiliation: moderator ? 'owner' : 'member' } },
  };
}

async function login(stage, name, o) {
  const answer = await stage.ask(name);
  await stage.tellClaims(answer.claims, o.brief);
  await stage.expectEqual(`signed with app_secret, to be used within the 600 s asked for and good for the evening, ${o.moderator ? 'a moderator' : 'no moderator'}, and not one claim more`,
    claimsFor(name, stage.room, o.moderator, answer.claims.iat), answer.claims);
  const person = await stage.enter(name, answer.token, o.transport);
  const wanted = o.moderator ? ['owner', 'moderator'] : ['member', 'participant'];
  await stage.expectEqual(`${name} is a ${o.moderator ? 'moderator' : 'mere participant'}, from the first presence on`, wanted, [person.own.affiliation, person.own.role]);
  return person;
}

async function refusedGrant(stage, focus, name) {
  const bare = stage.people.get(name).client.connection.jid.split('/')[0];
  const admin = { xmlns: 'http://jabber.org/protocol/muc#admin', to: stage.address() };
  await stage.narrator.tell('Jicofo → room', `make ${name} an owner, as I do for whoever comes first`, 'magenta');
  const answer = await focus.iq({ ...admin, item: { affiliation: 'owner', jid: bare } });
  await stage.narrator.tell('room → Jicofo', `${answer.type}: ${answer.condition}`, 'magenta');
  await stage.tellLog('does not become owner');
  await stage.expectEqual('the bridge has refused it: a token makes a moderator, coming first does not', { type: 'error', condition: 'not-allowed' }, answer);
  const owners = await focus.iq({ ...admin, type: 'get', item: { affiliation: 'owner' } });
  await stage.expectEqual('the list of owners, as Jicofo reads it from the room: Jicofo alone', [focus.connection.jid.split('/')[0]], owners.jids);
}

async function hostileName(stage) {
  const answer = await stage.ask(HOSTILE);
  await stage.expect('refused at once, by its seq, so that the player is told now and not in 60 s; no token', answer.success === false && answer.token === '', answer);
}

async function everyoneAgrees(stage) {
  const names = [...stage.people.keys()], greeting = 'Good evening, everybody.';
  await stage.narrator.tell('Skott → room', greeting, 'green');
  stage.people.get('Skott').client.say({ room: stage.room, text: greeting });
  await Promise.all(names.map((name) => stage.people.get(name).client.heard(greeting, 60)));
  for (const who of names) {
    for (const of of names) {
      const seen = stage.seen(who, of), affiliation = of === 'Skott' ? 'owner' : 'member';
      if (seen.length !== 1 || seen[0].affiliation !== affiliation) await stage.expect(`${who} saw ${of} join once, as ${affiliation}`, false, seen);
    }
  }
  await stage.expect('all four hear it; each of them saw each join in exactly one presence, and the same moderator: Skott', true);
}

module.exports = {
  warnings: ['request 2 refused (not-json)'],
  title: 'Three players and a moderator',
  async play(stage) {
    const { narrator, game, prosody } = stage;
    await narrator.step('Prosody has loaded the module, and the bridge has found the game');
    await prosody.until(() => prosody.log().includes('connected to the game at') || stage.complaints().length > 0, 60, 'the bridge to find the game');
    await stage.expectEqual("Prosody's log has no complaint", [], stage.complaints());
    await stage.tellLog('connected to the game at');
    const { connected, connects } = await game.until('connected 1', 60);
    await stage.expectEqual('one connection, which the bridge has opened', [1, 1], [connected, connects]);

    await narrator.step('Jicofo opens the room, as it does for every meeting');
    const focus = await stage.focus(), opened = await focus.join({ room: stage.room, nick: 'focus' });
    await narrator.tell('room → Jicofo', `first presence of focus: affiliation ${opened.affiliation}, role ${opened.role}`, 'magenta');
    await stage.expectEqual('Jicofo, the admin of the rooms, is what it always was', ['owner', 'moderator'], [opened.affiliation, opened.role]);

    await narrator.step('Bob logs in to the game, and the game asks for his token');
    await login(stage, 'Bob', { moderator: false });

    await narrator.step('Bob came first, so Jicofo tries to make him a moderator');
    await refusedGrant(stage, focus, 'Bob');

    await narrator.step('Ann logs in; her browser speaks WebSocket');
    await login(stage, 'Ann', { moderator: false, transport: 'websocket', brief: true });

    await narrator.step('Someone chooses a name that is meant to make him a moderator');
    await hostileName(stage);

    await narrator.step('Cyril, the next player, is served as if nothing had happened');
    await login(stage, 'Cyril', { moderator: false, brief: true });

    await narrator.step('Skott logs in: the game asks as for anyone, but skotos_moderators names him');
    await login(stage, 'Skott', { moderator: true });
    await everyoneAgrees(stage);
    stage.focusClient = focus;
  },
};
