// The one thing of a videobridge that a page's client needs of it to tell who speaks: the channel over which the bridge
// says so (jitsi-videobridge's colibri WebSocket, DominantSpeakerEndpointChangeEvent).
const { WebSocketServer } = require('ws');

class Bridge {
  constructor() {
    this.server = new WebSocketServer({ noServer: true });
  }
  pass(q, socket, head) {
    this.server.handleUpgrade(q, socket, head, (channel) => channel.on('error', () => {}));
  }
  // Tells all who listen that the endpoint of that name, an occupant's nickname, is the dominant speaker.
  dominant(endpoint) {
    const text = JSON.stringify({ colibriClass: 'DominantSpeakerEndpointChangeEvent', dominantSpeakerEndpoint: endpoint });
    for (const channel of this.server.clients) channel.send(text);
  }
  stop() {
    for (const channel of this.server.clients) channel.terminate();
  }
}
module.exports = { Bridge };
