import { printable } from '../smart-http/pkt-line.js';
import type { PushReport } from '../smart-http/push-report.js';
import { Remarks } from '../smart-http/side-band.js';

/** What `git push --porcelain` printed, as the report that the remote sent; null when it did not come to one. */
export function readPushOutput(stdout: string, stderr: string): PushReport | null {
  const refs = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const match = /^([ +\-*=!])\t[^\t:]*:([^\t]+)\t(.*)$/.exec(line);
    if (match?.[2]) refs.set(match[2], match[1] === '!' ? reasonOf(match[3] ?? '') : 'ok');
  }
  if (refs.size === 0) return null;
  const remarks = new Remarks();
  for (const [, remark = ''] of stderr.matchAll(/^remote: (.*)$/gm)) remarks.add(Buffer.from(`${remark.trimEnd()}\n`));
  return { unpack: /^error: remote unpack failed: (.*)$/m.exec(stderr)?.[1] ?? 'ok', refs, remarks };
}

/** `[remote rejected] (hook declined)` → `hook declined`. */
function reasonOf(summary: string): string {
  return printable(/^\[[^\]]*\] \((.*)\)$/.exec(summary)?.[1] ?? summary) || 'refused';
}
