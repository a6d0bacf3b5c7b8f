import { Type } from 'typebox';
import { cameraNotFound } from '../camera/cameraError.ts';
import { Alarm, AlarmList, AlarmRaise, AlarmRules } from '../schema.ts';
import { type App, described, failures, Nothing } from './app.ts';
import { audit } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

const tags = ['alarms'];

const AlarmParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** What calls the operator's eye: active and over, raised by programs, acknowledged by people, and the rules. */
export function alarmRoutes(app: App, deps: ApiDeps): void {
  const { alarms, cameras } = deps;

  app.get(
    '/api/alarms',
    {
      schema: {
        tags,
        summary: 'Alarms that are active, and the last 500 that are over',
        response: { 200: described(AlarmList, 'The alarms'), ...failures(503) },
      },
    },
    async () => alarms.list(),
  );

  app.post(
    '/api/alarms',
    {
      schema: {
        tags,
        summary: 'Raise an alarm',
        description:
          'What is left out is decided by the rules. The same camera and topic again is the same alarm: it counts ' +
          'one more event and stays longer. Without a fitting rule, and while alarms are switched off, it is listed only.',
        body: AlarmRaise,
        response: { 201: described(Alarm, 'Raised'), ...failures(400, 404, 413, 415) },
      },
    },
    async (request, reply) => {
      const { topic = 'other', message = null, camera, ...wishes } = request.body;
      const event = { camera, topic, message, source: 'api', phase: 'moment', key: '', ...wishes } as const;
      // No line in the audit log: the alarm itself is kept, and a program raises a thousand a day.
      const alarm = cameras.camera(camera) && alarms.raise(event);
      if (!alarm) throw cameraNotFound(camera);
      return reply.code(201).send(alarm);
    },
  );

  app.delete(
    '/api/alarms/:id',
    {
      config: { access: 'viewer' },
      schema: {
        tags,
        summary: 'Acknowledge an alarm: off all screens',
        description:
          'One that a program raised is over by this. One that a camera tells stays in the list until the camera has ' +
          'been quiet for the rule’s hold time, so that it does not come back at once.',
        params: AlarmParams,
        response: { 204: Nothing, ...failures(400, 404) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const alarm = alarms.acknowledge(id);
      if (!alarm) {
        const message =
          'There is no such alarm, or it is over already. GET /api/alarms lists the active ones.';
        throw new ApiError(404, 'alarm_not_found', message);
      }
      audit(deps, request, 'alarm.acknowledge', alarm.camera, alarm.topic);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/alarm-rules',
    {
      schema: {
        tags,
        summary: 'What becomes an alarm, and how it is shown',
        response: { 200: described(AlarmRules, 'The rules, the first that fits decides'), ...failures() },
      },
    },
    async () => alarms.rules,
  );

  app.put(
    '/api/alarm-rules',
    {
      schema: {
        tags,
        summary: 'Change the rules',
        description:
          'In force at once for what happens from now on. Switching alarms off ends those that are active.',
        body: AlarmRules,
        response: { 200: described(AlarmRules, 'Changed and saved'), ...failures(400, 413, 415, 503) },
      },
    },
    async (request) => {
      alarms.setRules(request.body);
      const { enabled, rules } = request.body;
      audit(deps, request, 'alarm-rules.change', null, enabled ? `${rules.length} rules` : 'switched off');
      return alarms.rules;
    },
  );
}
