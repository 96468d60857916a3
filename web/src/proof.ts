// A proof checked where it is read: RFC 6962's hashes from an entry to the log's root, and the Ed25519 signature of the
// head that states that root (C2SP tlog-checkpoint and signed-note). Nothing of the server's word is taken.

export interface Proof {
  index: number;
  size: number;
  leaf: string;
  proof: string[];
  root: string;
  checkpoint: string;
  key: string;
  data?: string;
}
export interface Checked {
  included: boolean;
  /** null: this browser cannot check Ed25519. */
  signed: boolean | null;
}
type Bytes = Uint8Array<ArrayBuffer>;

const ED25519 = 1;

export function bytes(base64: string): Bytes {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

function joined(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, n) => value === b[n]);
}

async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

const node = (left: Bytes, right: Bytes) => sha256(joined(Uint8Array.of(1), left, right));

/** RFC 9162, section 2.1.3.2. */
export async function included(leaf: Bytes, index: number, size: number, proof: Bytes[], root: Bytes): Promise<boolean> {
  if (index < 0 || index >= size) return false;
  let [at, last, found] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      found = await node(sibling, found);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      found = await node(found, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(found, root);
}

/** Whether the log's own key signed the head; null where the browser has no Ed25519. */
async function signed(checkpoint: string, key: string): Promise<boolean | null> {
  const [name, hash, ...rest] = key.split("+");
  const raw = bytes(rest.join("+"));
  if (raw[0] !== ED25519 || raw.length !== 33) return false;
  const end = checkpoint.indexOf("\n\n");
  const text = new TextEncoder().encode(checkpoint.slice(0, end + 1));
  const line = checkpoint.slice(end + 2).split("\n").find((one) => one.startsWith(`— ${name} `));
  if (!line) return false;
  const signature = bytes(line.slice(`— ${name} `.length));
  const own = [...signature.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (own !== hash) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", raw.slice(1), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature.slice(4), text);
  } catch {
    return null;
  }
}

export async function check(given: Proof): Promise<Checked> {
  const [, size, root] = given.checkpoint.split("\n");
  const leaf = given.data ? await sha256(joined(Uint8Array.of(0), bytes(given.data))) : bytes(given.leaf);
  const inside =
    Number(size) === given.size && (await included(leaf, given.index, given.size, given.proof.map(bytes), bytes(root ?? "")));
  return { included: inside, signed: await signed(given.checkpoint, given.key) };
}
