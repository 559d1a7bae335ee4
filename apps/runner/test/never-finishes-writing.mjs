// Preloaded by a test: what is written to an unfinished file gets there, and is never said to be.
import { WriteStream } from 'node:fs';

const { _write: write, _writev: writeTogether } = WriteStream.prototype;
const never = () => undefined;

WriteStream.prototype._write = function (piece, encoding, done) {
  write.call(this, piece, encoding, String(this.path).endsWith('.partial') ? never : done);
};
WriteStream.prototype._writev = function (pieces, done) {
  writeTogether.call(this, pieces, String(this.path).endsWith('.partial') ? never : done);
};
// Without anything to wait for, Node would end by itself.
setInterval(never, 2 ** 30);
