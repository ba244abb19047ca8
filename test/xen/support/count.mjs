// Runs in a dom0: a guest's own count of the pages it wrote, taken at the moment at which it publishes a new one, so that
// two of them give its rate exactly. Takes the guest's name; prints {"count":…,"seconds":…}.
import { execFileSync } from 'node:child_process';

const domid = execFileSync('xl', ['domid', process.argv[2]], { encoding: 'utf8' }).trim();
const read = () =>
  execFileSync('xenstore-read', [`/local/domain/${domid}/data/vmb/count`], { encoding: 'utf8' }).trim();
const first = read();
for (;;) {
  const count = read();
  if (count === first) continue;
  console.log(
    JSON.stringify({ count: Number(count), seconds: performance.now() / 1000 + performance.timeOrigin / 1000 }),
  );
  break;
}
