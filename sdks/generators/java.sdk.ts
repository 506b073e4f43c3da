import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.js';
import { WALKS } from '../folders.js';
import { JAVA, JAVAC, MAVEN, type Sdk } from '../sdk.js';
import { javaLibraries, OPENAPI_GENERATOR_VERSION, openapiGenerator } from './openapi-generator.js';

const PACKAGES = 'invokerPackage=pkgserver,apiPackage=pkgserver.api,modelPackage=pkgserver.model';
/** One object holds the parameters of a request. Java's own Object has a method `wait` already. */
const REQUEST_OBJECTS = 'useSingleRequestParameter=true';
const PARAMETER_NAMES = ['--parameter-name-mappings', 'wait=waitSeconds'];

export const java: Sdk = {
  name: 'openapi-generator-java',
  version: OPENAPI_GENERATOR_VERSION,
  tools: [JAVA, JAVAC, MAVEN],

  generate: (folder) =>
    openapiGenerator('java', folder, `library=native,${REQUEST_OBJECTS},${PACKAGES}`, ...PARAMETER_NAMES),

  async compile(folder) {
    const sources = join(folder, 'src/main/java');
    const files = (await readdir(sources, { recursive: true })).filter((file) => file.endsWith('.java'));
    const list = join(folder, 'sources.txt');
    await writeFile(list, [...files.map((file) => join(sources, file)), join(WALKS, 'java/Walk.java')].join('\n'));
    const libraries = await javaLibraries(join(folder, 'pom.xml'));
    await run('javac', ['-nowarn', '-d', join(folder, 'classes'), '-cp', `${libraries}/*`, `@${list}`]);
  },

  async walk(folder, environment) {
    const libraries = await javaLibraries(join(folder, 'pom.xml'));
    await run('java', ['-cp', `${folder}/classes:${libraries}/*`, 'Walk'], { env: environment });
  },
};
