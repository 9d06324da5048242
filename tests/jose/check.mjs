// Reads {"token", "jwks"} from standard input; writes what jose makes of the token, and tokens that jose can make without our private key.
import { text } from 'node:stream/consumers';
import * as jose from 'jose';

const { token, jwks } = JSON.parse(await text(process.stdin));
const { payload, protectedHeader } = await jose.jwtVerify(token, jose.createLocalJWKSet(jwks), {
  algorithms: ['ES256'], issuer: 'kindred', audience: 'kindred', typ: 'at+jwt', requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
});
const ours = jwks.keys.find(key => key.kid === protectedHeader.kid);
const thumbprint = await jose.calculateJwkThumbprint(ours);
const theirs = await jose.generateKeyPair('ES256', { extractable: true });
const pem = await jose.exportSPKI(await jose.importJWK(ours, 'ES256'));
const header = { alg: 'ES256', kid: ours.kid, typ: 'at+jwt' };

const refusedByJose = [];
for (const broken of [token.slice(0, -4) + 'AAAA', token.split('.').slice(0, 2).join('.') + '.']) {
  await jose.jwtVerify(broken, jose.createLocalJWKSet(jwks)).then(() => refusedByJose.push(false), () => refusedByJose.push(true));
}

const forged = {
  unsecured: new jose.UnsecuredJWT(payload).encode(),
  'HS256 with the public PEM': await new jose.SignJWT(payload).setProtectedHeader({ ...header, alg: 'HS256' }).sign(new TextEncoder().encode(pem)),
  'another ES256 key': await new jose.SignJWT(payload).setProtectedHeader(header).sign(theirs.privateKey),
  'another key, sent along': await new jose.SignJWT(payload).setProtectedHeader({ ...header, jwk: await jose.exportJWK(theirs.publicKey) }).sign(theirs.privateKey),
  ES384: await new jose.SignJWT(payload).setProtectedHeader({ ...header, alg: 'ES384' }).sign((await jose.generateKeyPair('ES384')).privateKey),
  EdDSA: await new jose.SignJWT(payload).setProtectedHeader({ ...header, alg: 'EdDSA' }).sign((await jose.generateKeyPair('EdDSA')).privateKey),
  encrypted: await new jose.EncryptJWT(payload).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM', kid: ours.kid, typ: 'at+jwt' }).encrypt(await jose.importJWK(ours, 'ECDH-ES')),
};
console.log(JSON.stringify({ payload, protectedHeader, thumbprint, refusedByJose, forged }));
