// Scripts of the Jitsi host, each loaded once.

const loading = new Map(); // address of a script → promise

/** Loads a script once; one that failed may be tried again. */
export function load(address) {
  if (!loading.has(address)) {
    loading.set(
      address,
      new Promise((done, fail) => {
        const script = document.createElement('script');
        script.src = address;
        script.onload = () => done();
        script.onerror = () => {
          loading.delete(address);
          script.remove();
          fail(new Error(`${address} did not load`));
        };
        document.head.append(script);
      }),
    );
  }
  return loading.get(address);
}

/** Jitsi's client: the page's own if it has one, else that of the host. */
export async function client(base) {
  const address = `${base}/libs/lib-jitsi-meet.min.js`;
  if (!window.JitsiMeetJS) await load(address);
  const lib = window.JitsiMeetJS;
  if (!lib) {
    loading.delete(address);
    throw new Error(`${address} is no client of Jitsi's`);
  }
  if (!lib.skotosVoice) {
    lib.setLogLevel(lib.logLevels.ERROR); // it logs addresses with the token in them
    lib.init({ disableThirdPartyRequests: true, disableAudioLevels: false, enableAnalyticsLogging: false });
    lib.skotosVoice = true;
  }
  return lib;
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until somebody answers at the WebSocket's address, or nobody waits any more. */
export async function reachable(address, isOver) {
  const answers = () =>
    new Promise((done) => {
      const socket = new WebSocket(address, 'xmpp');
      socket.onopen = () => {
        socket.close();
        done(true);
      };
      socket.onerror = () => done(false);
    });
  while (!isOver() && !(await answers())) await pause(1000);
}
