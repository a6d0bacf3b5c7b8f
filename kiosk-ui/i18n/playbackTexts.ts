/** The playback page’s words, with those of the admin page that it shares. */
import alarmsEn from './en/alarms.json';
import commonEn from './en/common.json';
import playbackEn from './en/playback.json';
import { register } from './i18n.ts';
import alarmsCn from './zh-CN/alarms.json';
import commonCn from './zh-CN/common.json';
import playbackCn from './zh-CN/playback.json';
import alarmsTw from './zh-TW/alarms.json';
import commonTw from './zh-TW/common.json';
import playbackTw from './zh-TW/playback.json';

declare module './i18n.ts' {
  interface Texts {
    playback: typeof playbackEn;
  }
}

register('alarms', { en: alarmsEn, 'zh-TW': alarmsTw, 'zh-CN': alarmsCn });
register('common', { en: commonEn, 'zh-TW': commonTw, 'zh-CN': commonCn });
register('playback', { en: playbackEn, 'zh-TW': playbackTw, 'zh-CN': playbackCn });
