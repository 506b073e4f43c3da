import { setString } from './yaml-patch.js';
import { yamlScalar } from './yaml-scalar.js';

/** The file that tells functions the package's name; kpt and Porch write it into deployable packages. */
export const PACKAGE_CONTEXT = 'package-context.yaml' as const;

/** A new `package-context.yaml` for the package `name`. */
export function packageContext(name: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: kptfile.kpt.dev
  annotations:
    config.kubernetes.io/local-config: "true"
data:
  name: ${yamlScalar(name)}
`;
}

/** Sets `data.name` in an existing file. Throws `invalidPackage` when the file cannot be patched safely. */
export function setPackageContextName(text: string, name: string): string {
  return setString(PACKAGE_CONTEXT, text, ['data', 'name'], name);
}
