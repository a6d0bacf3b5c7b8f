import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { SiteHost } from '../schema.ts';

/** What root looks at in a site file. Of the rest, the daemon's own command is the judge, later. */
const Head = Compile(
  Type.Object(
    { walleye_site: Type.Literal(1), host: Type.Optional(SiteHost) },
    { additionalProperties: true },
  ),
);

/** The host part of a site file, `{}` where it has none; or what is wrong with its form, without repeating values. */
export function readSiteHost(site: unknown): { host: SiteHost } | { problems: string[] } {
  if (Head.Check(site)) return { host: site.host ?? {} };
  const lines = new Set(Head.Errors(site).flatMap((error) => sentence(error) ?? []));
  return { problems: [...lines].slice(0, 20) };
}

interface SchemaError {
  keyword: string;
  instancePath: string;
  params: object;
  message: string;
}

function sentence({ keyword, instancePath, params, message }: SchemaError): string | undefined {
  // Says only that a field is not in the list, which `additionalProperties` says better.
  if (keyword === 'boolean') return undefined;
  const place = instancePath
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step.slice(0, 64)}`))
    .join('')
    .replace(/^\./, '');
  const subject = place === '' ? 'the file' : place;
  if (keyword === 'additionalProperties') {
    const [unknown = ''] = (params as { additionalProperties: string[] }).additionalProperties;
    return `${subject} has the unknown field ${JSON.stringify(unknown.slice(0, 64))}`;
  }
  if (keyword === 'const') return `${subject} must be 1: the version of this format`;
  if (keyword === 'required') {
    return `${subject} lacks ${(params as { requiredProperties: string[] }).requiredProperties.join(', ')}`;
  }
  return `${subject} ${message}`;
}
