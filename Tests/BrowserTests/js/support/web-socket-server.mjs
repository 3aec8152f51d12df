import { createHash } from "node:crypto";

const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3

/**
 * One accepted WebSocket (RFC 6455), as much of it as the development server needs: text frames and fragments,
 * ping, close. `onText(text)` and `onClose()` are called as things come.
 */
export class ServerSocket {
  onText = () => {};
  onClose = () => {};

  #socket;
  #pending = Buffer.alloc(0);
  #fragments = [];
  #isClosed = false;

  /** Answers the upgrade `request` of a node `http` server on its `socket`. */
  constructor(request, socket, subprotocol) {
    this.#socket = socket;
    const accept = createHash("sha1").update(request.headers["sec-websocket-key"] + acceptSuffix).digest("base64");
    socket.write([
      "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${accept}`, `Sec-WebSocket-Protocol: ${subprotocol}`, "", "",
    ].join("\r\n"));
    socket.setNoDelay(true);
    socket.on("data", (data) => this.#receive(data));
    socket.on("close", () => this.#closed());
    socket.on("error", () => this.#closed());
  }

  send(text) {
    this.#write(0x1, Buffer.from(text));
  }

  close(code) {
    const body = Buffer.alloc(2);
    body.writeUInt16BE(code);
    this.#write(0x8, body);
    this.#socket.end();
  }

  /** Cuts the line, as a killed process does. */
  cut() {
    this.#socket.destroy();
  }

  #receive(data) {
    this.#pending = Buffer.concat([this.#pending, data]);
    for (let frame = this.#nextFrame(); frame; frame = this.#nextFrame()) {
      if (frame.opcode === 0x8) this.close(1000);
      else if (frame.opcode === 0x9) this.#write(0xa, frame.payload);
      else if (frame.opcode <= 0x2) {
        this.#fragments.push(frame.payload);
        if (frame.isLast) this.onText(Buffer.concat(this.#fragments.splice(0)).toString("utf8"));
      }
    }
  }

  #nextFrame() {
    const bytes = this.#pending;
    if (bytes.length < 2) return null;
    let length = bytes[1] & 0x7f;
    let offset = 2;
    if (length === 126) {
      if (bytes.length < 4) return null;
      length = bytes.readUInt16BE(2);
      offset = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return null;
      length = Number(bytes.readBigUInt64BE(2));
      offset = 10;
    }
    if (bytes.length < offset + 4 + length) return null;
    const mask = bytes.subarray(offset, offset + 4);
    const payload = Buffer.from(bytes.subarray(offset + 4, offset + 4 + length));
    for (let index = 0; index < length; index += 1) payload[index] ^= mask[index % 4];
    this.#pending = bytes.subarray(offset + 4 + length);
    return { opcode: bytes[0] & 0xf, isLast: (bytes[0] & 0x80) !== 0, payload };
  }

  #write(opcode, payload) {
    if (this.#isClosed || !this.#socket.writable) return;
    let header;
    if (payload.length < 126) header = Buffer.from([0x80 | opcode, payload.length]);
    else if (payload.length < 65536) {
      header = Buffer.from([0x80 | opcode, 126, 0, 0]);
      header.writeUInt16BE(payload.length, 2);
    } else {
      header = Buffer.alloc(10);
      header[0] = 0x80 | opcode;
      header[1] = 127;
      header.writeBigUInt64BE(BigInt(payload.length), 2);
    }
    this.#socket.write(Buffer.concat([header, payload]));
  }

  #closed() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onClose();
  }
}
