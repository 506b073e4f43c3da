import { run } from '../command.js';
import { CONTRACT, installed } from '../folders.js';

export const OPENAPI_GENERATOR_VERSION = '7.25.0';
const MAVEN_DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const NO_DOCUMENTS = 'apiDocs=false,modelDocs=false,apiTests=false,modelTests=false';

/** Writes a client in one of the generator's languages. Needs Java and Maven. */
export async function openapiGenerator(
  language: string,
  folder: string,
  properties: string,
  ...more: string[]
): Promise<void> {
  const tool = await installed(`openapi-generator-${OPENAPI_GENERATOR_VERSION}`, (target) =>
    maven(
      'copy',
      `-Dartifact=org.openapitools:openapi-generator-cli:${OPENAPI_GENERATOR_VERSION}`,
      `-DoutputDirectory=${target}`,
    ),
  );
  const jar = `${tool}/openapi-generator-cli-${OPENAPI_GENERATOR_VERSION}.jar`;
  const options = ['--global-property', NO_DOCUMENTS, '--additional-properties', properties, ...more];
  await run('java', ['-jar', jar, 'generate', '-g', language, '-i', CONTRACT, '-o', folder, ...options]);
}

/** The folder of the libraries that a generated Java client names in its `pom.xml`. The generator's version decides which these are. */
export function javaLibraries(pom: string): Promise<string> {
  return installed(`java-libraries-${OPENAPI_GENERATOR_VERSION}`, (target) =>
    maven('copy-dependencies', '--file', pom, '-DincludeScope=compile', `-DoutputDirectory=${target}`),
  );
}

function maven(goal: string, ...args: string[]): Promise<string> {
  return run('mvn', ['--quiet', '--batch-mode', `${MAVEN_DEPENDENCY_PLUGIN}:${goal}`, ...args]);
}
