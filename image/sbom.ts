/**
 * The image's bill of materials as CycloneDX 1.5: Debian's packages from mkosi's manifest, npm's from `npm sbom`.
 * node image/sbom.ts VERSION MANIFEST NPM-SBOM
 */
import { readFileSync } from 'node:fs';

interface Manifest {
  packages: { type: string; name: string; version: string; architecture: string }[];
}
interface Bom {
  specVersion: string;
  components?: unknown[];
}

const [version, manifestFile, npmFile] = process.argv.slice(2);
if (!version || !manifestFile || !npmFile) throw new Error('node image/sbom.ts VERSION MANIFEST NPM-SBOM');
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest;
const npm = JSON.parse(readFileSync(npmFile, 'utf8')) as Bom;

/** Package URL, https://github.com/package-url/purl-spec: `+` and `~` of Debian's versions are escaped. */
const debian = manifest.packages.map(({ name, version, architecture }) => ({
  type: 'library',
  name,
  version,
  purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-13`,
}));
const bom = {
  bomFormat: 'CycloneDX',
  specVersion: npm.specVersion,
  version: 1,
  metadata: { component: { type: 'firmware', name: 'walleye', version } },
  components: [...debian, ...(npm.components ?? [])],
};
process.stdout.write(`${JSON.stringify(bom, null, 1)}\n`);
