/** The admin page’s words, a subject for each part of the page. */
import alarmsEn from './en/alarms.json';
import camerasEn from './en/cameras.json';
import commonEn from './en/common.json';
import firstRunEn from './en/firstRun.json';
import layoutsEn from './en/layouts.json';
import peopleEn from './en/people.json';
import recordingEn from './en/recording.json';
import systemEn from './en/system.json';
import wallPageEn from './en/wallPage.json';
import { register } from './i18n.ts';
import alarmsCn from './zh-CN/alarms.json';
import camerasCn from './zh-CN/cameras.json';
import commonCn from './zh-CN/common.json';
import firstRunCn from './zh-CN/firstRun.json';
import layoutsCn from './zh-CN/layouts.json';
import peopleCn from './zh-CN/people.json';
import recordingCn from './zh-CN/recording.json';
import systemCn from './zh-CN/system.json';
import wallPageCn from './zh-CN/wallPage.json';
import alarmsTw from './zh-TW/alarms.json';
import camerasTw from './zh-TW/cameras.json';
import commonTw from './zh-TW/common.json';
import firstRunTw from './zh-TW/firstRun.json';
import layoutsTw from './zh-TW/layouts.json';
import peopleTw from './zh-TW/people.json';
import recordingTw from './zh-TW/recording.json';
import systemTw from './zh-TW/system.json';
import wallPageTw from './zh-TW/wallPage.json';

declare module './i18n.ts' {
  interface Texts {
    alarms: typeof alarmsEn;
    cameras: typeof camerasEn;
    common: typeof commonEn;
    firstRun: typeof firstRunEn;
    layouts: typeof layoutsEn;
    people: typeof peopleEn;
    recording: typeof recordingEn;
    system: typeof systemEn;
    wallPage: typeof wallPageEn;
  }
}

register('alarms', { en: alarmsEn, 'zh-TW': alarmsTw, 'zh-CN': alarmsCn });
register('cameras', { en: camerasEn, 'zh-TW': camerasTw, 'zh-CN': camerasCn });
register('common', { en: commonEn, 'zh-TW': commonTw, 'zh-CN': commonCn });
register('firstRun', { en: firstRunEn, 'zh-TW': firstRunTw, 'zh-CN': firstRunCn });
register('layouts', { en: layoutsEn, 'zh-TW': layoutsTw, 'zh-CN': layoutsCn });
register('people', { en: peopleEn, 'zh-TW': peopleTw, 'zh-CN': peopleCn });
register('recording', { en: recordingEn, 'zh-TW': recordingTw, 'zh-CN': recordingCn });
register('system', { en: systemEn, 'zh-TW': systemTw, 'zh-CN': systemCn });
register('wallPage', { en: wallPageEn, 'zh-TW': wallPageTw, 'zh-CN': wallPageCn });
