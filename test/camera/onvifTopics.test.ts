import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readNotifications } from '../../daemon/camera/onvifEventReply.ts';
import { concerned } from '../../daemon/camera/onvifEvents.ts';
import { eventOf } from '../../daemon/camera/onvifTopics.ts';
import { notificationXml } from '../virtual-camera/eventService.ts';
import { envelope } from '../virtual-camera/onvifAnswers.ts';

/** As a camera sends it, read as we read it. */
function heard(
  topic: string,
  data: Record<string, string>,
  operation?: 'Initialized' | 'Changed' | 'Deleted',
) {
  const source = { VideoSourceConfigurationToken: 'VSC0', Rule: 'R1' };
  const xml = notificationXml({ topic, data, source, ...(operation ? { operation } : {}) });
  const [notification] = readNotifications(envelope(xml));
  assert.ok(notification, xml);
  return eventOf(notification);
}

describe('topics of cameras', () => {
  const table: [topic: string, data: Record<string, string>, event: string][] = [
    ['tns1:RuleEngine/CellMotionDetector/Motion', { IsMotion: 'true' }, 'motion begin'],
    ['tns1:RuleEngine/CellMotionDetector/Motion//.', { IsMotion: 'true' }, 'motion begin'],
    ['tns1:RuleEngine/CellMotionDetector/Motion/', { IsMotion: '0' }, 'motion end'],
    ['tns1:RuleEngine/MotionRegionDetector/Motion', { State: '1' }, 'motion begin'],
    ['tns1:VideoSource/MotionAlarm', { State: 'false' }, 'motion end'],
    ['tns1:VideoAnalytics/tnsaxis:MotionDetection', { motion: '1' }, 'motion begin'],
    ['tnsaxis:CameraApplicationPlatform/VMD/Camera1Profile1', { active: '1' }, 'motion begin'],
    ['tns1:Device/tnsaxis:Sensor/PIR', { state: '1' }, 'motion begin'],
    ['tns1:RuleEngine/MyRuleDetector/PeopleDetect', { State: 'true' }, 'person begin'],
    ['tns1:RuleEngine/MyRuleDetector/FaceDetect', { State: 'true' }, 'person begin'],
    ['tns1:UserAlarm/IVA/HumanShapeDetect', { State: 'true' }, 'person begin'],
    ['tns1:RuleEngine/TPSmartEventDetector/TPSmartEvent', { IsPerson: 'true' }, 'other begin'],
    ['tns1:RuleEngine/MyRuleDetector/VehicleDetect', { State: 'true' }, 'vehicle begin'],
    ['tns1:RuleEngine/MyRuleDetector/DogCatDetect', { State: 'true' }, 'other begin'],
    ['tns1:RuleEngine/MyRuleDetector/Visitor', { State: 'true' }, 'digital_input begin'],
    ['tns1:RuleEngine/LineDetector/Crossed', { ObjectId: '15' }, 'line moment'],
    ['tns1:RuleEngine/LineDetector/Crossed', { ObjectId: '1' }, 'line moment'],
    ['tns1:RuleEngine/FieldDetector/ObjectsInside', { IsInside: 'true', ObjectId: '7' }, 'motion begin'],
    ['tns1:RuleEngine/FieldDetector/ObjectsInside', { IsInside: 'false' }, 'motion end'],
    ['tns1:Device/Trigger/DigitalInput', { LogicalState: 'true' }, 'digital_input begin'],
    ['tns1:Device/Trigger/tnsaxis:DigitalInput', { LogicalState: 'false' }, 'digital_input end'],
    ['tns1:Device/tnsaxis:IO/VirtualInput', { active: '1' }, 'digital_input begin'],
    ['tns1:VideoSource/GlobalSceneChange/ImagingService', { State: 'true' }, 'tamper begin'],
    ['tns1:VideoSource/ImageTooDark/AnalyticsService', { State: 'true' }, 'tamper begin'],
    ['tns1:VideoSource/ImageTooBlurry/ImagingService', { State: 'True' }, 'tamper begin'],
    ['tns1:VideoSource/SignalLoss', { State: 'true' }, 'tamper begin'],
    ['tns1:RuleEngine/TamperDetector/Tamper', { IsTamper: 'true' }, 'tamper begin'],
    ['tns1:AudioAnalytics/Audio/DetectedSound', { IsSoundDetected: 'true' }, 'sound begin'],
    ['tns1:RuleEngine/LoiteringDetector/ObjectIsLoitering', { ObjectId: '3' }, 'motion moment'],
    ['tns1:RuleEngine/OwnDetector/Something', { State: 'true' }, 'other begin'],
    ['tns1:RuleEngine/CountAggregation/Counter', { Count: '12' }, 'nothing'],
    ['tns1:RuleEngine/CountAggregation/Counter', { Count: '1' }, 'nothing'],
    ['tns1:Device/Trigger/Relay', { LogicalState: 'active' }, 'nothing'],
    ['tns1:Monitoring/ProcessorUsage', { Value: '98' }, 'nothing'],
    ['tns1:Media/ProfileChanged', { Token: 'p' }, 'nothing'],
    ['tns1:Configuration/NetworkInterface', { State: 'true' }, 'nothing'],
    ['tns1:RecordingConfig/JobState', { State: 'Active' }, 'nothing'],
    ['tns1:Device/HardwareFailure/StorageFailure', { Failed: 'true' }, 'nothing'],
  ];
  for (const [topic, data, expected] of table) {
    it(`${topic} ${JSON.stringify(data)}: ${expected}`, () => {
      const event = heard(topic, data, 'Changed');
      assert.equal(event ? `${event.topic} ${event.phase}` : 'nothing', expected);
    });
  }

  it('how things were when we came is no event; that something is over ends it', () => {
    const topic = 'tns1:RuleEngine/CellMotionDetector/Motion';
    assert.equal(heard(topic, { IsMotion: 'true' }, 'Initialized'), undefined);
    assert.equal(heard('tns1:RuleEngine/LineDetector/Crossed', { ObjectId: '7' }, 'Initialized'), undefined);
    assert.equal(heard(topic, { IsMotion: 'false' }, 'Initialized')?.phase, 'end');
    assert.equal(heard(topic, { IsMotion: 'true' }, 'Deleted')?.phase, 'end');
    assert.equal(heard(topic, { IsMotion: 'true' })?.phase, 'begin', 'no property at all');
  });

  it('begin and end have one key, two rules of a camera have two', () => {
    const key = (data: Record<string, string>, rule: string) => {
      const source = { Rule: rule, VideoSourceConfigurationToken: 'VSC0' };
      const topic = 'tns1:RuleEngine/CellMotionDetector/Motion';
      const [one] = readNotifications(envelope(notificationXml({ topic, data, source })));
      return one && eventOf(one)?.key;
    };
    assert.equal(key({ IsMotion: 'true' }, 'a'), key({ IsMotion: 'false' }, 'a'));
    assert.notEqual(key({ IsMotion: 'true' }, 'a'), key({ IsMotion: 'true' }, 'b'));
  });

  it('whatever a notification says, its event is whole and bounded', () => {
    const items = fc.dictionary(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), { maxKeys: 8 });
    const operation = fc.option(fc.constantFrom('initialized', 'changed', 'deleted', '', 'x'), {
      nil: undefined,
    });
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        operation,
        items,
        items,
        (topic, operation, source, data) => {
          const entries = (all: Record<string, string>) => new Map(Object.entries(all));
          const event = eventOf({ topic, operation, source: entries(source), data: entries(data) });
          if (!event) return;
          assert.ok(event.key.length <= 400);
          assert.ok(['moment', 'begin', 'end'].includes(event.phase));
        },
      ),
    );
  });
});

describe('the cameras that an event is about', () => {
  const recorder = new Map([
    ['cam1', new Set(['P1', 'P2'])],
    ['cam2', new Set(['P3'])],
  ]);
  const sources = new Map([
    ['VSC1', new Set(['P1', 'P2'])],
    ['VSC2', new Set(['P3', 'P4'])],
    ['VSC3', new Set(['P9'])],
  ]);
  const table: [string[], string[], string][] = [
    [['VSC1'], ['cam1'], 'the one with a profile of its video source'],
    [['VSC2'], ['cam2'], '… though it has not all of them'],
    [['VSC3'], [], 'none, when a channel that nobody added has seen something'],
    [['VSC3', 'VSC2'], ['cam2'], 'by whichever token fits'],
    [['other'], ['cam1', 'cam2'], 'all, when the source is unknown'],
    [[], ['cam1', 'cam2'], 'all, when the camera does not say'],
  ];
  for (const [tokens, cameras, why] of table)
    it(`${tokens.join('+') || 'no token'}: ${why}`, () =>
      assert.deepEqual(concerned(recorder, sources, tokens), cameras));

  it('a camera whose profiles are not known hears all', () => {
    assert.deepEqual(concerned(new Map([['hand', new Set<string>()]]), sources, ['VSC1']), ['hand']);
  });
});
