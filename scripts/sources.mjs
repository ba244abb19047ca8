// Prints the C++ sources of the folders given, a line each: the lists that binding.gyp builds from.
import { readdirSync } from 'node:fs';

for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith('.cc')) console.log(`${folder}/${name}`);
  }
}
