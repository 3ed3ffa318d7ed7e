// Asks a guest agent through dstack's JavaScript SDK, and prints what it got as JSON: see tests/it/sdk.rs.
//
// `client.mjs ENDPOINT` asks; `client.mjs env` reads cases of the functions that verify encryption keys from stdin.
import { readFileSync } from 'node:fs';
import { DstackClient, TappdClient, verifyEnvEncryptPublicKey, verifyEnvEncryptPublicKeyLegacy } from '@phala/dstack-sdk';
import { toViemAccount } from '@phala/dstack-sdk/viem';

console.warn = console.error = () => {};
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'));
const plain = (value) => {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => typeof v !== 'function').map(([k, v]) => [k, plain(v)]));
};

// What a call gives, or what the SDK shows.
async function said(call) {
  try {
    return plain((await call()) ?? null);
  } catch (error) {
    return { shown: error.message };
  }
}

async function ask(endpoint) {
  const client = new DstackClient(endpoint);
  const tappd = new TappdClient(endpoint);
  const key = await client.getKey('wallet/0', 'ethereum');
  const data = Buffer.from('attested');
  const signed = await client.sign('secp256k1', data);
  const prehashed = await client.sign('secp256k1_prehashed', Uint8Array.from({ length: 32 }, (_, at) => at));
  const ed25519 = await client.sign('ed25519', data);
  const valid = async (algorithm, response, data) =>
    (await client.verify(algorithm, data, response.signature, response.public_key)).valid;
  return {
    key: plain(key),
    account: toViemAccount(key).address,
    default: await said(() => client.getKey()),
    ed25519: await said(() => client.getKey('wallet/0', 'ethereum', 'ed25519')),
    not_ascii: await said(() => client.getKey('wällët/✓', 'ethereum')),
    asynchronous: await Promise.all(Array.from({ length: 8 }, (_, n) => said(() => client.getKey(`async/${n}`, 'ethereum')))),
    signed: plain(signed),
    signed_prehashed: plain(prehashed),
    signed_ed25519: plain(ed25519),
    valid: [
      await valid('secp256k1', signed, data),
      await valid('secp256k1_prehashed', prehashed, Uint8Array.from({ length: 32 }, (_, at) => at)),
      await valid('ed25519', ed25519, data),
      await valid('secp256k1', signed, 'other'),
      await valid('secp256k1_prehashed', prehashed, new Uint8Array(32)),
      await valid('ed25519', ed25519, 'other'),
    ],
    info: await said(() => client.info()),
    version: await said(() => client.version()),
    is_reachable: await client.isReachable(),
    emit_event: await said(() => client.emitEvent('started', 'x')),
    tls_key: await said(() => client.getTlsKey({ notAfter: 1 })),
    quote: await said(() => client.getQuote('report')),
    attest: await said(() => client.attest('report')),
    unsupported: await said(() => client.getKey('a', 'b', 'rsa')),
    too_long: await said(() => client.getKey('a'.repeat(1 << 20))),
    tappd_key: await said(() => tappd.deriveKey('a')),
    tappd_quote: await said(() => tappd.tdxQuote('a', 'raw')),
    tappd_info: await said(() => tappd.info()),
  };
}

function verifyEnv({ public_key, signature, app_id, timestamp, age }) {
  if (age === undefined) return verifyEnvEncryptPublicKeyLegacy(bytes(public_key), bytes(signature), app_id);
  // The clock of the SDK: the case says how old the timestamp is.
  Date.now = () => (timestamp + age) * 1000;
  return verifyEnvEncryptPublicKey(bytes(public_key), bytes(signature), app_id, timestamp);
}

const results =
  process.argv[2] === 'env'
    ? await Promise.all(JSON.parse(readFileSync(0, 'utf8')).map((given) => said(() => verifyEnv(given))))
    : await ask(process.argv[2]);
process.stdout.write(JSON.stringify(results));
