import * as z from 'zod';
import { applicationSchema } from './application-schema.ts';
import { scenarioSchema } from './scenario-schema.ts';

const schemas = { application: applicationSchema, scenario: scenarioSchema } as const;

/** What an editor needs to complete and to check a file as it is written. */
export function jsonSchema(kind: keyof typeof schemas): object {
  return z.toJSONSchema(schemas[kind], { io: 'input' });
}
