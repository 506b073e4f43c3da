import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority that no machine knows, and a key and certificate for 127.0.0.1 that it signed. All PEM. */
export function makePrivateCa(): { ca: string; key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'private-ca-'));
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256'];
  try {
    openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.pem');
    openssl('req', ...newKey, '-subj', '/CN=127.0.0.1', '-keyout', 'key.pem', '-out', 'request.pem');
    writeFileSync(join(folder, 'extensions'), 'subjectAltName=IP:127.0.0.1\n');
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      'request.pem',
      ...signer,
      '-days',
      '2',
      '-extfile',
      'extensions',
      '-out',
      'cert.pem',
    );
    return { ca: read('ca.pem'), key: read('key.pem'), cert: read('cert.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
