// What the game says. Whatever is not quite that is refused, with what came and what is wanted.

const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const DOMAIN = new RegExp(`^(${LABEL}(?:\\.${LABEL})*|\\[::1\\])(:\\d{1,5})?(?:/([a-z0-9][\\w-]*))?$`, 'i');
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i;
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export const isLevel = (v) => typeof v === 'number' && v >= 0 && v <= 1;
export const wanted = (field, came, what) => new TypeError(`${field}: ${JSON.stringify(came)} came, ${what} is wanted`);

/** A message as an object, whether it came as one or as text. SkotOS's user.c writes 'muted' in single quotes. */
export function read(message) {
  const said =
    typeof message === 'string' ? JSON.parse(message.replace(/'muted': '(muted|unmuted)'/, '"muted": "$1"')) : message;
  if (!said || typeof said !== 'object' || Array.isArray(said)) throw wanted('message', said, 'an object');
  if (said.volumes !== undefined && (!said.volumes || typeof said.volumes !== 'object'))
    throw wanted('volumes', said.volumes, 'an object');
  return said;
}

/** The room's node as Jitsi's own page makes it of a name. */
function nodeOf(room) {
  let name = room;
  try {
    name = decodeURIComponent(room);
  } catch (e) {
    /* no percent-encoding: as it is */
  }
  return encodeURIComponent(name.normalize('NFKC').toLowerCase()).toLowerCase();
}

/** The person that a token names, as the bridge does: only to know one's own tabs by; "" when none can be read. */
function personOf(jwt) {
  try {
    const bytes = Uint8Array.from(atob(jwt.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), (c) =>
      c.charCodeAt(0),
    );
    const { user } = JSON.parse(new TextDecoder().decode(bytes)).context;
    return String(user.id || user.name || '');
  } catch (e) {
    return '';
  }
}

/**
 * Reads a call to a room, or throws what is wrong with it.
 * @param {{domain: string, room: string, name?: string, jwt: string}} message
 * @param {string[]=} hosts the only hosts that are let in; any when not given
 * @returns {{base: string, socket: string, host: string, tenant: string, room: string, node: string, name: string,
 * jwt: string,   person: string}} base and socket: addresses without a path; encrypted, but on this very machine
 */
export function callOf({ domain, room, name = '', jwt }, hosts) {
  const [all, host, port = '', tenant = ''] =
    (typeof domain === 'string' && domain.length < 254 && DOMAIN.exec(domain)) || [];
  if (!all || Number(port.slice(1)) > 65535) throw wanted('domain', domain, 'a host, or host/tenant,');
  if (hosts && !hosts.includes((host + port).toLowerCase()))
    throw wanted('domain', domain, `one of ${hosts.join(', ')}`);
  if (typeof room !== 'string' || !room || room.length > 512) throw wanted('room', room, "a room's name");
  // What came is not told: it may be a token all the same.
  if (typeof jwt !== 'string' || jwt.length > 8192 || !TOKEN.test(jwt)) throw new TypeError('jwt: a token is wanted');
  const s = LOOPBACK.test(host) && window.location.protocol !== 'https:' ? '' : 's';
  return {
    base: `http${s}://${host}${port}`.toLowerCase(),
    socket: `ws${s}://${host}${port}`.toLowerCase(),
    host: host.toLowerCase(),
    tenant: tenant.toLowerCase(),
    room,
    node: nodeOf(room),
    name: String(name).slice(0, 128),
    jwt,
    person: personOf(jwt),
  };
}
