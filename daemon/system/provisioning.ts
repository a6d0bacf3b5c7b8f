import { Compile } from 'typebox/compile';
import { type Provisioning, ProvisionReport } from '../schema.ts';
import { RootFile } from './rootFile.ts';

/** Bytes. Twice 201 lines of 500 characters, each of three bytes. */
const LIMIT = 1024 * 1024;

const compiled = Compile(ProvisionReport);

/** What root took from a stick, the ESP or a credential since the machine started, as daemon/host/report.ts writes it. */
export class ProvisioningReport {
  readonly #file: RootFile<ProvisionReport>;

  constructor(path: string) {
    this.#file = new RootFile(path, { limit: LIMIT, parse: readReport });
  }

  read(): Provisioning {
    const { value, foundAt } = this.#file;
    if (!value) return { report: null, age: null };
    return { report: value, age: (performance.now() - foundAt) / 1000 };
  }

  /** Looks until `signal`: a stick may be plugged in at any time. */
  async run(signal: AbortSignal, changed: () => void): Promise<void> {
    await this.#file.run(signal, (isNew) => {
      if (isNew) changed();
    });
  }
}

/** @throws SyntaxError where it is no JSON */
function readReport(text: string): ProvisionReport | undefined {
  const report: unknown = JSON.parse(text);
  return compiled.Check(report) ? report : undefined;
}
