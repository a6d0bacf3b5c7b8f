import { readClock, skewCandidates } from '../../../daemon/camera/onvifClock.ts';
import { readOptions } from '../../../daemon/camera/onvifEncoderOptions.ts';
import { readConfiguration, settingsOf, writeConfiguration } from '../../../daemon/camera/onvifEncoderXml.ts';
import {
  readLifetime,
  readNotifications,
  readServices,
  readSubscription,
  readVideoSources,
} from '../../../daemon/camera/onvifEventReply.ts';
import { nodeOfProfile, readNodes, readPresets } from '../../../daemon/camera/onvifPtzReply.ts';
import {
  isAnswer,
  readDeviceInformation,
  readFault,
  readProfiles,
  readUri,
} from '../../../daemon/camera/onvifReply.ts';
import { eventOf } from '../../../daemon/camera/onvifTopics.ts';
import { text } from '../target.ts';

const envelope = (body: string) =>
  text(
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>${body}</s:Body></s:Envelope>`,
  );
export const seeds = [
  envelope(
    '<GetProfilesResponse><Profiles token="p1"><tt:Name>main</tt:Name><tt:VideoEncoderConfiguration token="e1"><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl><tt:H264><tt:GovLength>50</tt:GovLength></tt:H264></tt:VideoEncoderConfiguration></Profiles></GetProfilesResponse>',
  ),
  envelope(
    '<PullMessagesResponse><TerminationTime>2026-01-01T00:01:00Z</TerminationTime><CurrentTime>2026-01-01T00:00:00Z</CurrentTime><NotificationMessage><Topic>tns1:RuleEngine/CellMotionDetector/Motion</Topic><Message><tt:Message UtcTime="2026-01-01T00:00:00Z" PropertyOperation="Changed"><tt:Source><tt:SimpleItem Name="VideoSourceConfigurationToken" Value="1"/></tt:Source><tt:Data><tt:SimpleItem Name="IsMotion" Value="true"/></tt:Data></tt:Message></Message></NotificationMessage></PullMessagesResponse>',
  ),
  envelope(
    '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>',
  ),
  envelope(
    '<GetSystemDateAndTimeResponse><SystemDateAndTime><tt:UTCDateTime><tt:Time><tt:Hour>1</tt:Hour><tt:Minute>2</tt:Minute><tt:Second>3</tt:Second></tt:Time><tt:Date><tt:Year>2026</tt:Year><tt:Month>1</tt:Month><tt:Day>2</tt:Day></tt:Date></tt:UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>',
  ),
  envelope(
    '<GetNodesResponse><PTZNode token="n"><tt:SupportedPTZSpaces><tt:ContinuousPanTiltVelocitySpace><tt:XRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:XRange></tt:ContinuousPanTiltVelocitySpace></tt:SupportedPTZSpaces></PTZNode></GetNodesResponse>',
  ),
];

/** Whatever is asked for, a camera may answer with anything. */
export function fuzz(data: Buffer): void {
  const xml = data.toString('utf8');
  isAnswer(xml);
  readFault(xml);
  readUri(xml);
  readDeviceInformation(xml);
  const [profile] = readProfiles(xml);
  for (const service of ['media', 'media2'] as const) {
    const found = readConfiguration(xml, service, profile?.token ?? 'p1');
    if (found) {
      settingsOf(found);
      writeConfiguration(found);
    }
    readOptions(xml, service);
  }
  for (const notification of readNotifications(xml)) eventOf(notification);
  readSubscription(xml, 'http://10.0.0.5/onvif/device_service');
  readLifetime(xml);
  readServices(xml, 'http://10.0.0.5/onvif/device_service');
  readVideoSources(xml);
  readNodes(xml);
  nodeOfProfile(xml, 'p1');
  readPresets(xml);
  skewCandidates(readClock(xml, 0));
}
